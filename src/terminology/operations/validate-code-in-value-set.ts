import { fail, ok, type Result } from '../../base/errors.ts';
import type { Resource } from '../../fhir/types.ts';
import { evaluate } from '../compose/evaluate.ts';
import type { OperationInput } from '../types.ts';
import { askedCodes, askedValueSet, type OperationDeps, refuse } from './input.ts';
import { best, type Validity, validityResource, withDisplay } from './validity.ts';

/**
 * ValueSet/$validate-code (FHIR R4, valueset-operation-validate-code.html): is a code, or any coding of a concept, a member?
 * Only what concerns the code is evaluated; where that is not possible the answer is an error, not `false`.
 */
export async function validateCodeInValueSet(input: OperationInput, deps: OperationDeps): Promise<Result<Resource>> {
  const refused = refuse(input, ['context', 'date']);
  if (!refused.ok) return refused;
  const asked = askedCodes(input);
  if (!asked.ok) return asked;
  const valueSet = await askedValueSet(input, deps);
  if (!valueSet.ok) return valueSet;
  const found: Validity[] = [];
  for (const one of asked.value) {
    const { system, code } = one;
    if (system === undefined) {
      if (asked.value.length === 1) return fail('invalid', 'A code needs its system here.', { code: 'required' });
      continue;
    }
    const wanted = { words: [], activeOnly: false, only: [{ system, code }] };
    const members = await evaluate(valueSet.value, deps.libraryOf(input.store), wanted);
    if (!members.ok) return members;
    const [member] = members.value;
    const rightVersion = one.version === undefined || member?.version === undefined || member.version === one.version;
    if (member && rightVersion) found.push(withDisplay(one, member));
    else found.push({ result: false, message: 'The code is not in the value set.' });
  }
  return ok(validityResource(best(found)));
}
