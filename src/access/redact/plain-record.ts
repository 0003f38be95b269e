import { inlineLabelUrl } from '../../fhir/labelled-parts.ts';
import type { Redaction } from '../types.ts';
import { formerElements } from './former.ts';
import { localTarget } from './references.ts';
import { telling } from './resource.ts';

/** What the rules of a redaction together take out of a record, beside references to what is not seen. */
export interface TakenOut {
  /** Elements of a record of this type that some rule removes. */
  bySome(type: string): ReadonlySet<string>;
  /** Those that every rule removes: nobody need ask where they lead. */
  byAll(type: string): ReadonlySet<string>;
  narrative: boolean;
  formerDetails: boolean;
  versions: boolean;
}

/**
 * Undefined where the rules are not alike in what is asked here of every record (labels and versions), or places are taken out: then every
 * record is read.
 */
export function takenOutBy({ rules, withoutWhereabouts }: Redaction): TakenOut | undefined {
  const all = rules.map(({ rule }) => rule);
  const versions = all[0]?.hidesVersions;
  const isAlike = all.every(({ stripsLabels, hidesVersions }) => stripsLabels && hidesVersions === versions);
  if (versions === undefined || !isAlike || withoutWhereabouts.length > 0) return undefined;
  const removedBy = (type: string) => all.map(({ removes }) => removes.get(type) ?? []);
  return {
    bySome: remembered((type) => removedBy(type).flat()),
    byAll: remembered((type) => removedBy(type).reduce((sum, one) => sum.filter((name) => one.includes(name)))),
    narrative: all.some(({ dropsNarrative }) => dropsNarrative),
    formerDetails: all.some(({ dropsFormerDetails }) => dropsFormerDetails),
    versions,
  };
}

function remembered(of: (type: string) => readonly string[]): TakenOut['bySome'] {
  const known = new Map<string, ReadonlySet<string>>();
  return (type) => {
    const names = known.get(type) ?? new Set(of(type));
    known.set(type, names);
    return names;
  };
}

/** How the store begins the text of a record (`stamp`, store/content.ts); what follows the comma is the rest of its meta. */
const stamped =
  /^(\{"resourceType":"([A-Za-z]+)","id":"[A-Za-z0-9\-.]{1,64}")(,"meta":\{)"versionId":"\d+","lastUpdated":"[^"\\]+"(,|\})/;
/** A name, or a code that is looked for, might be spelled with these. */
const escaped = /\\[u/]/;
const former = /"(?:old|end)"|do-not-disclose/;
const formerNames: ReadonlySet<string> = new Set(formerElements);
/** What holds records, and what is told to everybody as it is (answer.ts). */
const others: ReadonlySet<string> = new Set([
  ...['Bundle', 'Parameters', 'OperationOutcome', 'CapabilityStatement', 'ValueSet', 'CodeSystem'],
]);

/**
 * The targets that the text of a record names, if nothing else is to be taken out of it than its version and time: then it may leave as
 * `withoutVersion` writes it to whoever sees all of these. Undefined: it must be read; that is also said wherever the text alone cannot
 * tell. Reading and writing a page took as long as the rest of a search.
 */
export function plainTargets(text: string, taken: TakenOut, baseUrl: string): string[] | undefined {
  const type = stamped.exec(text)?.[2];
  if (type === undefined || others.has(type) || escaped.test(text) || text.includes(inlineLabelUrl)) return undefined;
  const removed = taken.bySome(type);
  const targets: string[] = [];
  let hasDetails = false;
  const isWhole = everyName(text, (written, depth, at) => {
    const name = written.startsWith('_') ? written.slice(1) : written;
    if (depth === 1 && (removed.has(name) || (name === 'text' && taken.narrative))) return false;
    if (name === 'contained' || name === 'security') return false;
    if (formerNames.has(name)) hasDetails = true;
    if (!telling.has(name)) return true;
    if (text[at] !== '"') return leadsOn(text, at);
    if (name !== 'reference') return true;
    const reference = text.slice(at + 1, text.indexOf('"', at + 1));
    if (reference.startsWith('#')) return true;
    const target = localTarget(reference, baseUrl);
    if (target !== undefined) targets.push(target);
    return target !== undefined;
  });
  if (!isWhole || (hasDetails && taken.formerDetails && former.test(text))) return undefined;
  return targets;
}

/** The text of a record without its version and time, as reading, redacting and writing it gives. */
export function withoutVersion(text: string): string {
  const [whole = '', start = '', , meta = '', next] = stamped.exec(text) ?? [];
  return `${start}${next === ',' ? meta : ''}${text.slice(whole.length)}`;
}

const object = /\{[^{}]*"reference":"/y;
const list = /\[(?:\{[^{}]*"reference":"[^{}]*\},?)+\]/y;

/** True when each Reference that stands there has a reference: none is words only. Quotes within texts are escaped, so no text looks like one. */
function leadsOn(text: string, at: number): boolean {
  const shape = text[at] === '[' ? list : object;
  shape.lastIndex = at;
  return shape.test(text);
}

const [quote, backslash, colon, comma] = [0x22, 0x5c, 0x3a, 0x2c];
const [open, close, openList, closeList] = [0x7b, 0x7d, 0x5b, 0x5d];

/**
 * True when `holds` does for each property of a JSON text: its name, how many objects and lists it stands in, and where its value begins. False
 * too where white space stands behind a text: then it is none that the store wrote.
 */
function everyName(text: string, holds: (name: string, depth: number, at: number) => boolean): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === open || code === openList) depth += 1;
    else if (code === close || code === closeList) depth -= 1;
    else if (code === quote) {
      const end = endOfText(text, at);
      const next = text.charCodeAt(end + 1);
      if (next === colon) {
        if (!holds(text.slice(at + 1, end), depth, end + 2)) return false;
      } else if (next !== comma && next !== close && next !== closeList) return false;
      at = end;
    }
  }
  return true;
}

/** The quote that ends the text which begins with this one. */
function endOfText(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === backslash) before -= 1;
    if ((end - 1 - before) % 2 === 0) return end;
  }
  return text.length;
}
