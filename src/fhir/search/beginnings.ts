import { limits } from '../../base/limits.ts';

/**
 * What it means for one URL, or one version, to lie below another: it continues the other after a boundary. A URL has boundaries
 * after `/`, `?`, `#` and `|`, behind its authority; a version has them after `.` and `-`. R4 gives `http://acme.org/fhir/` as
 * its only example of `:below` (search.html#uri); that `http://acme.org/fhirs` is not below `http://acme.org/fhir` is R5's
 * word on the same modifier (path segments).
 */
export type Divided = 'url' | 'version';

const marks: Record<Divided, ReadonlySet<string>> = { url: new Set('/?#|'), version: new Set('.-') };

/** Where the boundaries of a text may be: behind `scheme://authority`, or behind the bar of a canonical. Undefined: it has none. */
function startOf(text: string, divided: Divided): number | undefined {
  const start =
    divided === 'url' ? /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#|\s]+/.exec(text)?.[0].length : text.indexOf('|') + 1;
  return start === undefined || start === 0 ? undefined : start;
}

/** True for what `:above` and `:below` can be asked of. */
export function isDivided(text: string, divided: Divided): boolean {
  return startOf(text, divided) !== undefined;
}

/**
 * Every beginning of a text that ends with a boundary, the mark included, e.g. `http://acme.org/`, `http://acme.org/fhir/`.
 * At most `limits.search.maxBoundaries`, the shortest ones, and none past `maxBoundedLength`.
 */
export function beginnings(text: string, divided: Divided): string[] {
  const start = startOf(text, divided);
  const found: string[] = [];
  if (start === undefined) return found;
  const end = Math.min(text.length, limits.search.maxBoundedLength);
  for (let at = start; at < end && found.length < limits.search.maxBoundaries; at += 1) {
    if (marks[divided].has(text.charAt(at))) found.push(text.slice(0, at + 1));
  }
  return found;
}

/** Of which of its beginnings a text below `asked` has one, besides being `asked` itself. Undefined: `asked` has too many boundaries. */
export function beginningsBelow(asked: string, divided: Divided): string[] | undefined {
  if (tooManyBoundaries(asked, divided)) return undefined;
  if (divided === 'url' && asked.endsWith('/')) return [asked];
  return [...marks[divided]].map((mark) => `${asked}${mark}`);
}

/** Everything that `asked` lies below, itself first. Undefined: `asked` has too many boundaries. */
export function textsAbove(asked: string, divided: Divided): string[] | undefined {
  if (tooManyBoundaries(asked, divided)) return undefined;
  const above = beginnings(asked, divided).flatMap((text) =>
    text.endsWith('/') ? [text.slice(0, -1), text] : [text.slice(0, -1)],
  );
  return [...new Set([asked, ...above])];
}

function tooManyBoundaries(text: string, divided: Divided): boolean {
  // One more than is indexed would be asked for by `beginningsBelow`.
  if (text.length >= limits.search.maxBoundedLength) return true;
  return beginnings(text, divided).length >= limits.search.maxBoundaries;
}
