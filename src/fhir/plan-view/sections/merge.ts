import type { r4 } from '../../types.ts';
import type { Attribution, SectionLine } from '../section-types.ts';
import { byWords } from './chart.ts';

/** A line with what makes it the same thing as another one. */
export interface Mergeable {
  line: SectionLine;
  keys: readonly string[];
  /** What this source says of its state. */
  status?: string;
  /** Records that it was found to be the same as: for them it speaks (D19). */
  standsFor?: readonly string[];
}

/**
 * Lines of one thing that several sources say become one line with an attribution for each (S3.13). Only what shares a code (or, without codes, its
 * very words) is the same thing. Where sources differ in its state, each attribution says its own, and the line is open when one of them says so.
 */
export function merged(items: readonly Mergeable[]): SectionLine[] {
  const groups: { keys: Set<string>; items: Mergeable[] }[] = [];
  for (const item of items) {
    const group = { keys: new Set(item.keys), items: [item] };
    for (const touching of groups.filter(({ keys }) => item.keys.some((key) => keys.has(key)))) {
      for (const key of touching.keys) group.keys.add(key);
      group.items.unshift(...touching.items);
      groups.splice(groups.indexOf(touching), 1);
    }
    groups.push(group);
  }
  return groups.map(({ items: members }) => together(members)).sort(byWords);
}

function together(items: readonly Mergeable[]): SectionLine {
  // What was decided to be the same is told as it was decided; the others only say that they say it too.
  const spokenFor = new Set(items.flatMap(({ standsFor = [] }) => standsFor));
  const speaking = items.filter(({ line }) => !line.references.some((reference) => spokenFor.has(reference)));
  const lines = (speaking.length > 0 ? speaking : items).map(({ line }) => line);
  const leading = lines.find(({ open }) => open) ?? lines[0];
  if (leading === undefined) throw new Error('a group has a member');
  const differ = new Set(speaking.map(({ status }) => status)).size > 1;
  const said = items.flatMap((item) => {
    const status = speaking.includes(item) ? (differ ? item.status : undefined) : otherWords(item.line, leading);
    return item.line.said.map((one): Attribution => (status === undefined ? one : { ...one, status }));
  });
  const facts = [...new Set(lines.filter(({ open }) => open || !leading.open).flatMap((line) => line.facts))];
  return {
    ...leading,
    references: items.flatMap(({ line }) => line.references),
    facts: differ ? [...facts, 'sources differ'] : facts,
    said: said.filter((one, at) => isTold(one, at, said)),
    open: lines.some(({ open }) => open),
  };
}

/** A source that was found to mean the same and says it differently is told with what it says: nobody is made to say what they did not. */
function otherWords({ facts }: SectionLine, leading: SectionLine): string | undefined {
  const own = facts.join('; ');
  return own === '' || own === leading.facts.join('; ') ? undefined : own;
}

type Said = Omit<Attribution, 'status'> & { status?: string | undefined };

/** Each source once; with what it says of its own, where it says something. */
function isTold(one: Attribution, at: number, said: readonly Attribution[]): boolean {
  const { status: _, ...who } = one;
  const says = said.some((other) => other.status !== undefined && isSame({ ...other, status: undefined }, who));
  if (one.status === undefined && says) return false;
  return said.findIndex((other) => isSame(one, other)) === at;
}

function isSame(a: Said, b: Said): boolean {
  return a.who === b.who && a.when === b.when && a.site === b.site && a.status === b.status;
}

/** What a concept is recognized by, with what else has to be equal. */
export function keysOf(concept: r4.CodeableConcept | undefined, ...also: readonly (string | undefined)[]): string[] {
  const rest = also.map((part) => part ?? '').join('|');
  const codes = (concept?.coding ?? []).filter(({ code }) => code !== undefined);
  if (codes.length > 0) return codes.map(({ system, code }) => `${system ?? ''}|${code}|${rest}`);
  return [`text|${concept?.text?.trim().toLowerCase() ?? ''}|${rest}`];
}
