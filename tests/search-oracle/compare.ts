import type { Asked } from './ask.ts';
import { type Disagreement, shrink } from './shrink.ts';
import { searchServer, type TwoWorlds } from './world.ts';

/** What came of many searches. */
export interface Tally {
  asked: number;
  /** By kind and modifier. */
  byLabel: Map<string, { asked: number; hits: number; refused: number; unsupported: number }>;
  disagreements: Disagreement[];
  /** Searches the server says it does not support, by label, with an example. */
  unsupported: Map<string, string>;
}

const atOnce = 8;
const shrunkAtMost = 12;

/** Asks both sides everything, several at a time. */
export async function compareAll(worlds: TwoWorlds, searches: Iterable<Asked>): Promise<Tally> {
  const tally: Tally = { asked: 0, byLabel: new Map(), disagreements: [], unsupported: new Map() };
  const failed: Asked[] = [];
  const iterator = searches[Symbol.iterator]();
  const worker = async () => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) {
      if (!(await agrees(worlds, next.value, tally))) failed.push(next.value);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  // One of each label first: a hundred examples of one fault would hide another.
  const firsts = [...Map.groupBy(failed, ({ label }) => label).values()].flatMap((group) => group.slice(0, 2));
  for (const asked of firsts.slice(0, shrunkAtMost)) {
    const texts = [...worlds.byType.entries()].flatMap(([type, list]) =>
      asked.params.some(([name]) => /[.]|^_has/.test(name)) || type === asked.type ? list : [],
    );
    tally.disagreements.push(
      await shrink(
        worlds.published,
        asked,
        texts.map((one) => worlds.textOf(one)),
      ),
    );
  }
  if (failed.length > 0)
    tally.disagreements.unshift({
      label: `${failed.length} disagree`,
      search: countBy(failed),
      resources: [],
      expected: [],
      found: '',
    });
  return tally;
}

const countBy = (failed: readonly Asked[]) =>
  [...Map.groupBy(failed, ({ label }) => label)].map(([label, list]) => `${label} ${list.length}`).join(', ');

async function agrees(worlds: TwoWorlds, asked: Asked, tally: Tally): Promise<boolean> {
  const { home, oracle } = worlds;
  const { type, params, label } = asked;
  const count = tally.byLabel.get(label) ?? { asked: 0, hits: 0, refused: 0, unsupported: 0 };
  tally.byLabel.set(label, count);
  const found = await searchServer(home, home.store, type, params);
  if ('refused' in found && found.refused === 'unsupported') {
    count.unsupported += 1;
    tally.unsupported.set(label, `${type}?${params.map((one) => one.join('=')).join('&')}: ${found.text}`);
    return true;
  }
  tally.asked += 1;
  count.asked += 1;
  const expected = oracle.answer(type, params);
  if (!expected) count.refused += 1;
  else if (expected.size > 0) count.hits += 1;
  if (!expected || 'refused' in found) return !expected && 'refused' in found;
  return expected.size === found.ids.length && found.ids.every((id) => expected.has(id));
}
