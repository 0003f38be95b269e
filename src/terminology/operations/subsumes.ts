import { fail, ok, type Result } from '../../base/errors.ts';
import type { Resource } from '../../fhir/types.ts';
import type { OperationInput } from '../types.ts';
import { askedCodes, type OperationDeps, parametersResource } from './input.ts';
import { askedSystem } from './system-input.ts';

/** CodeSystem/$subsumes (FHIR R4, codesystem-operation-subsumes.html): how code A stands to code B in the is-a hierarchy. */
export async function subsumes(input: OperationInput, deps: OperationDeps): Promise<Result<Resource>> {
  const a = askedCodes(input, 'A');
  if (!a.ok) return a;
  const b = askedCodes(input, 'B');
  if (!b.ok) return b;
  const [one, other] = [a.value[0], b.value[0]];
  const system = await askedSystem(input, deps, { url: one?.system, version: one?.version });
  if (!system.ok) return system;
  const { url, complete } = system.value;
  const foreign = [one, other].some((code) => code?.system !== undefined && code.system !== url);
  if (foreign) return fail('invalid', 'Both codes have to be of the same code system.', { code: 'value' });
  const [codeA = '', codeB = ''] = [one?.code, other?.code];
  const found = await system.value.find([codeA, codeB]);
  if (new Set([codeA, codeB]).size !== found.length) {
    return fail('not-found', 'The code system does not have both codes.');
  }
  if (!complete) return fail('unprocessable', 'Only a part of the code system is here.', { code: 'not-supported' });
  const outcome = async () => {
    if (codeA === codeB) return 'equivalent';
    if ((await system.value.ancestors(codeB)).has(codeA)) return 'subsumes';
    return (await system.value.ancestors(codeA)).has(codeB) ? 'subsumed-by' : 'not-subsumed';
  };
  return ok(parametersResource([{ name: 'outcome', valueCode: await outcome() }]));
}
