import type { Value } from '../../values/types.ts';
import { nodeOf, textOf } from '../elm.ts';
import { Refusal } from '../refusal.ts';
import { spend } from '../run.ts';
import { listening, newSlot, type Site, withName } from '../site.ts';
import type { Compiled, ElmNode, Frame } from '../types.ts';
import { conjunctsOf } from './conjuncts.ts';
import { remembering } from './remember.ts';

/** A relationship as a condition of the row: true when it holds. */
export interface Relationship {
  condition: Compiled;
  /** Slot of the candidates found for this run of the query; forgotten at its start. Undefined when they depend on the row. */
  remembered: number | undefined;
}

/**
 * `with` holds when some candidate is such that all is true; `without` when none is. Conditions that look at the candidate
 * alone are tested once for the whole query, the others for each row.
 */
export function compileRelationship(node: ElmNode, site: Site, rowSlots: ReadonlySet<number>): Relationship {
  const [expression, suchThat] = [nodeOf(node, 'expression'), nodeOf(node, 'suchThat')];
  if (!expression || (node.type !== 'With' && node.type !== 'Without'))
    throw new Refusal(`relationship ${node.type} is not supported.`, site.place, node.locator);
  const isWith = node.type === 'With';
  const dependsOnRow = (read: ReadonlySet<number>) => [...read].some((slot) => rowSlots.has(slot));

  // Before anything else gets a slot: what the conditions use among themselves must not overwrite it.
  const slot = newSlot(site);
  const list = listening(site.slots, () => site.compile(expression, site));
  const alias = textOf(node, 'alias') ?? '';
  const inner = withName(site, alias);
  const asking = remembering(inner.site, new Set([...namesOf(rowSlots, site), alias]));
  const parts = (suchThat ? conjunctsOf(suchThat) : []).map((part) =>
    listening(site.slots, () => asking.compile(part, asking)),
  );
  const ofRow = parts.filter(({ read }) => dependsOnRow(read)).map(({ result }) => result);
  const ofCandidate = parts.filter(({ read }) => !dependsOnRow(read)).map(({ result }) => result);
  const all = parts.map(({ result }) => result);

  const candidates = (frame: Frame): readonly Value[] =>
    toList(list.result(frame)).filter((candidate) => {
      frame.locals[inner.slot] = candidate;
      return mayHold(ofCandidate, frame);
    });
  const holdsFor = (frame: Frame, found: readonly Value[]): boolean =>
    found.some((candidate) => {
      spend(frame.run);
      frame.locals[inner.slot] = candidate;
      // What passed by a fault is asked again, in the order of the text.
      return ofRow.every((part) => part(frame) === true) && all.every((part) => part(frame) === true);
    });

  if (dependsOnRow(list.read))
    return { condition: (frame) => holdsFor(frame, candidates(frame)) === isWith, remembered: undefined };
  const condition: Compiled = (frame) => {
    let found = frame.locals[slot];
    if (!Array.isArray(found)) {
      found = candidates(frame);
      frame.locals[slot] = found;
    }
    return holdsFor(frame, found) === isWith;
  };
  return { condition, remembered: slot };
}

/** The aliases of the row: its names that are no lets. */
function namesOf(rowSlots: ReadonlySet<number>, site: Site): string[] {
  const names: string[] = [];
  for (let entry = site.names; entry; entry = entry.outer)
    if (rowSlots.has(entry.slot) && !entry.lazy) names.push(entry.name);
  return names;
}

function toList(value: Value): readonly Value[] {
  if (value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** Whether nothing speaks against the candidate; a fault does not. */
function mayHold(tests: readonly Compiled[], frame: Frame): boolean {
  return tests.every((test) => {
    try {
      return test(frame) === true;
    } catch {
      return true;
    }
  });
}
