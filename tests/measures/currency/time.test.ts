import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { fail } from '../../../src/base/errors.ts';
import { limits } from '../../../src/base/limits.ts';
import { addDays, dayOf, endOf } from '../../../src/measures/currency/day.ts';
import { type Kept, keptAnswers } from './kept.ts';
import { plainMeasures, recent, records, shots } from './plain-measures.ts';

let kept: Kept;
beforeAll(async () => {
  kept = await keptAnswers(plainMeasures);
});
afterAll(() => kept.database.drop());
beforeEach(() => {
  kept.measures.all = plainMeasures;
  return kept.empty();
});

const nextChangeOf = async (measure: string) => {
  const rows = await kept.database.store.query<{ day: string | null }>(
    'SELECT next_change_date::text AS day FROM measure_result WHERE measure = $1 ORDER BY period_start',
    [measure],
  );
  return rows.map(({ day }) => day);
};
const numeratorOf = async (measure = recent, year = '2026') => {
  const { answers, pending } = await kept.currency.populationAnswers(kept.database.store, {
    measure,
    period: { start: `${year}-01-01`, end: `${year}-12-31` },
    patienceMs: 0,
  });
  const met = answers.filter(({ answer }) => JSON.stringify(answer).includes('numerator'));
  return { met: met.reduce((sum, { children }) => sum + children, 0), pending };
};

test('the day on which time alone changes an answer is found, and the answer is out of date from that day on', async () => {
  kept.clock.set('2026-06-01T12:00:00Z');
  await kept.put(records.patient('ana', '2021-05-05', 'female'), records.visit('v', 'ana', '2026-06-04'));
  await kept.runQueued();
  expect(await nextChangeOf('recent')).toEqual(['2026-06-04']);
  expect(await nextChangeOf('shots')).toEqual([null]);
  kept.clock.set('2026-06-03T23:59:59Z');
  expect(await numeratorOf()).toEqual({ met: 0, pending: 0 });
  kept.clock.set('2026-06-04T00:00:00Z');
  expect(await numeratorOf()).toEqual({ met: 0, pending: 1 });
  const swept = await kept.currency.evaluateAll({ store: kept.database.store });
  // Nothing else was evaluated.
  expect(swept).toEqual({ ok: true, value: { evaluated: 1, failed: 0 } });
  expect(await numeratorOf()).toEqual({ met: 1, pending: 0 });
  // Ten days from the visit, and the one after.
  expect(await nextChangeOf('recent')).toEqual(['2026-06-15']);
});

test('where no day within the limit changes the answer, it is asked again after the limit', async () => {
  kept.clock.set('2026-06-01T12:00:00Z');
  await kept.put(records.patient('ana', '2021-05-05', 'female'));
  await kept.runQueued();
  expect(await nextChangeOf('recent')).toEqual([addDays('2026-06-01', limits.measures.lookAheadDays + 1)]);
});

test('a new year has answers of its own, and a change makes those of both years out of date', async () => {
  const { store } = kept.database;
  kept.clock.set('2026-12-31T12:00:00Z');
  await kept.put(records.patient('ana', '2021-05-05', 'female'));
  await kept.runQueued();
  kept.clock.set('2027-01-01T00:10:00Z');
  const shots = plainMeasures[0];
  expect((await numeratorOf(shots, '2027')).pending).toBe(1);
  await kept.currency.evaluateAll({ store });
  expect((await numeratorOf(shots, '2027')).pending).toBe(0);
  for (const [n, day] of ['2026-02-01', '2026-03-01'].entries())
    await kept.put(records.immunization(`i${n}`, 'ana', '03', day, 'completed'));
  await kept.runQueued();
  // The job answers for the year of now; last year's is computed when it is asked for.
  expect(await numeratorOf(shots, '2027')).toEqual({ met: 1, pending: 0 });
  expect(await numeratorOf(shots, '2026')).toEqual({ met: 0, pending: 1 });
  const period = { start: '2026-01-01', end: '2026-12-31' };
  const asked = await kept.currency.populationAnswers(store, { measure: shots, period });
  expect([asked.pending, asked.answers.map(({ children }) => children)]).toEqual([0, [1]]);
});

describe('days are counted in the reporter’s zone', () => {
  test.each([
    ['2026-06-01T03:59:00Z', 'America/New_York', '2026-05-31'],
    ['2026-06-01T04:00:00Z', 'America/New_York', '2026-06-01'],
    ['2026-06-01T10:00:00Z', 'Pacific/Kiritimati', '2026-06-02'],
    ['2026-06-01T23:59:59Z', 'UTC', '2026-06-01'],
  ])('%s in %s is %s', (instant, zone, day) => {
    expect(dayOf(new Date(instant), zone)).toBe(day);
  });

  test.each([
    ['2026-06-01', 'UTC', '2026-06-01T23:59:59.999Z'],
    ['2026-06-01', 'America/New_York', '2026-06-02T03:59:59.999Z'],
    // The day on which clocks go forward, and the one on which they go back.
    ['2026-03-08', 'America/New_York', '2026-03-09T03:59:59.999Z'],
    ['2026-11-01', 'America/New_York', '2026-11-02T04:59:59.999Z'],
    // Where clocks go forward at midnight, the day begins at one.
    ['2026-09-05', 'America/Santiago', '2026-09-06T03:59:59.999Z'],
  ])('%s in %s ends at %s', (day, zone, instant) => {
    expect(endOf(day, zone).toISOString()).toBe(instant);
  });
});

describe('an answer that failed', () => {
  const failing = { ...shots, evaluate: async () => fail('unprocessable', 'It could not be evaluated.') };
  const sweep = () => kept.currency.evaluateAll({ store: kept.database.store });
  beforeEach(async () => {
    kept.clock.set('2026-06-01T12:00:00Z');
    kept.measures.all = [failing];
    await kept.put(records.patient('ana', '2021-05-05', 'female'));
    await kept.runQueued();
    expect(await kept.states()).toEqual(['ana shots error']);
  });

  test('holds for the day, and is tried again on the next: a newer program may know better, of which no hash tells', async () => {
    kept.measures.all = [shots];
    expect(await sweep()).toEqual({ ok: true, value: { evaluated: 0, failed: 0 } });
    expect(await kept.states()).toEqual(['ana shots error']);
    kept.clock.set('2026-06-02T00:00:00Z');
    expect(await sweep()).toEqual({ ok: true, value: { evaluated: 1, failed: 0 } });
    expect(await kept.states()).toEqual(['ana shots current']);
    expect(await nextChangeOf('shots')).toEqual([null]);
  });

  test('is tried again at once by other logic or other codes, of both of which the hash tells', async () => {
    kept.measures.all = [{ ...shots, logicHash: 'shots 2' }];
    expect(await sweep()).toEqual({ ok: true, value: { evaluated: 1, failed: 0 } });
    expect(await kept.states()).toEqual(['ana shots current']);
  });

  test('that fails again is tried on each day', async () => {
    kept.clock.set('2026-06-02T00:00:00Z');
    expect(await sweep()).toEqual({ ok: true, value: { evaluated: 1, failed: 1 } });
    expect(await sweep()).toEqual({ ok: true, value: { evaluated: 0, failed: 0 } });
    expect(await nextChangeOf('shots')).toEqual(['2026-06-03']);
  });
});
