import type { Resource } from '../../fhir/types.ts';
import type { Concept, Member } from '../types.ts';
import { type AskedCode, parametersResource } from './input.ts';

/** Whether a code is right, and if not, why. */
export type Validity = { result: true; display?: string } | { result: false; message: string; display?: string };

/** Judges the display that came with a code: it has to be the display or a designation, but for case and spacing. */
export function withDisplay(asked: AskedCode, known: Pick<Concept | Member, 'display' | 'designations'>): Validity {
  const display = known.display === undefined ? {} : { display: known.display };
  const names = [known.display ?? [], known.designations.map(({ value }) => value)].flat();
  const right =
    asked.display === undefined ||
    names.length === 0 ||
    names.some((name) => folded(name) === folded(asked.display ?? ''));
  return right
    ? { result: true, ...display }
    : { result: false, message: 'The code is right, but the display is none of its names.', ...display };
}

const folded = (text: string) => text.trim().replace(/\s+/g, ' ').toLowerCase();

/** The answer of both $validate-code operations (R4): result, message when false, display when known. */
export function validityResource(validity: Validity): Resource {
  const { display } = validity;
  return parametersResource([
    { name: 'result', valueBoolean: validity.result },
    ...(validity.result ? [] : [{ name: 'message', valueString: validity.message }]),
    ...(display === undefined ? [] : [{ name: 'display', valueString: display }]),
  ]);
}

/** Of several codings the first that is right; otherwise what is wrong with the first. */
export function best(validities: readonly Validity[]): Validity {
  const fallback: Validity = { result: false, message: 'There is no code.' };
  return validities.find(({ result }) => result) ?? validities[0] ?? fallback;
}
