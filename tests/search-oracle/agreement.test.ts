import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Asked, type Asking, askOne, modifiersOf } from './ask.ts';
import { askChain, askHas, askTogether, linksOf } from './ask-joined.ts';
import { compareAll, type Tally } from './compare.ts';
import { readPublished } from './published.ts';
import { seeded } from './random.ts';
import { type Walked, walkSorted } from './sorting.ts';
import { baseUrl, makeWorlds, searchServer, type TwoWorlds } from './world.ts';

/** `SEARCH_SEED` makes another world and other searches. */
const seed = Number(process.env.SEARCH_SEED ?? 1);
const published = readPublished();
jest.setTimeout(300_000);
let worlds: TwoWorlds;
let asking: Asking;
beforeAll(async () => {
  worlds = await makeWorlds(published, { seed, perType: 20 });
  const { oracle, byType } = worlds;
  const links = linksOf(published, oracle, [...byType.values()].flat(), baseUrl);
  asking = { random: seeded(seed + 1), published, oracle, byType, links };
});
afterAll(() => worlds.home.drop());

/** Kinds with few parameters are asked more of each. */
const moreOften: Record<string, number> = { composite: 5, number: 20, quantity: 8 };

function* everyParameter(rounds: number): Generator<Asked> {
  for (const type of published.types) {
    for (const parameter of published.parameters(type)) {
      const { kind, alternatives } = parameter;
      if (alternatives.length === 0) continue;
      for (const modifier of [...(modifiersOf[kind] ?? []), ...(kind === 'composite' ? [] : ['missing'])]) {
        const times = modifier === '' ? (moreOften[kind] ?? 2) : 1;
        for (let round = 0; round < rounds * times; round += 1) {
          const asked = askOne(asking, type, parameter, modifier);
          if (asked) yield asked;
        }
      }
    }
  }
}

function* everyType(rounds: number, ask: (asking: Asking, type: string) => Asked | undefined): Generator<Asked> {
  for (const type of published.types) {
    for (let round = 0; round < rounds; round += 1) {
      const asked = ask(asking, type);
      if (asked) yield asked;
    }
  }
}

function report(tally: Tally): string {
  const rows = [...tally.byLabel].sort().map(([label, count]) => `${label}: ${JSON.stringify(count)}`);
  return [...rows, ...[...tally.unsupported].map(([label, text]) => `not supported: ${label}: ${text}`)].join('\n');
}

/** Pairs of data and search so far, and how many of them found something. */
const pairs = { asked: 0, hits: 0 };

/** Prints the counts on demand; fails with every disagreement in its smallest form, and for a search that the server cannot answer. */
function check(tally: Tally): void {
  if (process.env.SEARCH_REPORT) process.stderr.write(`${report(tally)}\n${tally.asked}\n`);
  pairs.asked += tally.asked;
  for (const { hits } of tally.byLabel.values()) pairs.hits += hits;
  expect([...tally.unsupported.values()]).toEqual([]);
  expect(tally.disagreements.map((one) => JSON.stringify(one, null, 1)).join('\n')).toBe('');
}

describe('the database and a slow reading of the specification agree on', () => {
  test('every search parameter of every type, with every modifier', async () => {
    check(await compareAll(worlds, everyParameter(2)));
  });
  test('several parameters at once', async () => {
    check(await compareAll(worlds, everyType(8, askTogether)));
  });
  test('chains', async () => {
    check(await compareAll(worlds, everyType(10, askChain)));
  });
  test('every page of a sorted search', async () => {
    const walked: Walked[] = [];
    for (const type of published.types) {
      const several = await Promise.all([1, 2, 3, 4].map(() => walkSorted(worlds, asking, type)));
      walked.push(...several.filter((one) => one !== undefined));
    }
    expect(walked.filter(({ problem }) => problem !== undefined).slice(0, 5)).toEqual([]);
    expect(walked.filter(({ length }) => length > 5).length).toBeGreaterThan(300);
  });
  test('reverse chains', async () => {
    check(await compareAll(worlds, everyType(10, askHas)));
  });
  test('as much as was promised, most of it no empty answer', () => {
    expect(pairs.asked).toBeGreaterThanOrEqual(20_000);
    expect(pairs.hits / pairs.asked).toBeGreaterThan(0.6);
  });
});

describe('what R4 defines and this server does not answer is refused by its name', () => {
  test.each([
    ['Patient', 'name:text', 'x'],
    ['Patient', '_query', 'x'],
    ['Patient', '_contained', 'true'],
    ['Patient', '_containedType', 'container'],
    ['Patient', '_score', '1'],
    ['Patient', '_list', '$current-problems'],
    ['Observation', '_sort', 'code-value-quantity'],
    ['Location', '_sort', 'near'],
  ])('%s?%s=%s', async (type, name, value) => {
    const { home } = worlds;
    expect(await searchServer(home, home.store, type, [[name, value]])).toMatchObject({ refused: 'unsupported' });
  });
});
