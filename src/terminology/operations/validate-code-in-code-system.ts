import { fail, ok, type Result } from '../../base/errors.ts';
import type { Resource } from '../../fhir/types.ts';
import type { OperationInput } from '../types.ts';
import { askedCodes, type OperationDeps, refuse } from './input.ts';
import { askedSystem } from './system-input.ts';
import { best, type Validity, validityResource, withDisplay } from './validity.ts';

/** CodeSystem/$validate-code (FHIR R4, codesystem-operation-validate-code.html): does the code system have the code? */
export async function validateCodeInCodeSystem(input: OperationInput, deps: OperationDeps): Promise<Result<Resource>> {
  const refused = refuse(input, ['date']);
  if (!refused.ok) return refused;
  const asked = askedCodes(input);
  if (!asked.ok) return asked;
  const { parameters } = input;
  const url = parameters.text('url') ?? asked.value[0]?.system;
  const version = parameters.text('version') ?? asked.value[0]?.version;
  const system = await askedSystem(input, deps, { url, version });
  if (!system.ok) return system;
  const found: Validity[] = [];
  for (const one of asked.value) {
    if (one.system !== undefined && one.system !== system.value.url) {
      found.push({ result: false, message: 'The code is of another code system.' });
      continue;
    }
    const [concept] = await system.value.find([one.code]);
    if (!concept && !system.value.complete) {
      return fail('unprocessable', 'Only a part of the code system is here.', { code: 'not-supported' });
    }
    if (concept) found.push(withDisplay(one, concept));
    else found.push({ result: false, message: 'The code system does not have the code.' });
  }
  return ok(validityResource(best(found)));
}
