import { evalFhirPathTyped, type FhirPathAtom, parseFhirPath } from '../fhirpath/parse.ts';
import { isPickingPath } from '../patch/path-check.ts';

/**
 * A condition that a client wrote, as a question about one element; undefined when it is no FHIRPath, or could cost more than looking
 * at the element (see `isPickingPath`). `extension('url')` is the one further function: it only picks, too.
 */
export function criterionOf(text: string): ((element: unknown) => boolean) | undefined {
  const plain = text.replace(/\bextension\(\s*('[^'\\]*')\s*\)/g, 'extension.where(url = $1)');
  if (plain.trim() === '' || !isPickingPath(plain)) return undefined;
  const atom = parsed(plain);
  return atom && ((element) => answer(atom, element));
}

/** True for an expression that answers yes or no about the resource, as far as its text tells. */
export function isYesOrNo(text: string): boolean {
  const bare = text.replace(/'(?:[^'\\]|\\.)*'/g, "''").replace(/\([^()]*\)/g, '()');
  return /[=<>]|(^|\W)(and|or|xor|implies)(\W|$)|\.(exists|empty|not)\(\)\s*$/.test(bare);
}

function parsed(text: string): FhirPathAtom | undefined {
  try {
    return parseFhirPath(text);
  } catch {
    return undefined;
  }
}

/** "where" keeps what answers true; no answer, or a question the engine stumbles on, keeps nothing. */
function answer(atom: FhirPathAtom, element: unknown): boolean {
  try {
    const values = evalFhirPathTyped(atom, [{ type: 'BackboneElement', value: element }]);
    return values.length === 1 && values[0]?.value === true;
  } catch {
    return false;
  }
}
