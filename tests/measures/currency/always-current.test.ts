import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Resource } from '../../../src/fhir/types.ts';
import { type Answer, keptAnswer, parseAnswer } from '../../../src/measures/currency/answer.ts';
import { testActor } from '../../support/database.ts';
import { type Kept, keptAnswers } from './kept.ts';
import { plainMeasures, records } from './plain-measures.ts';

/**
 * Random histories of three children: whatever is written, moved, merged, deleted, or left to time, an answer that counts as current is the
 * one that the records give, and in the end all answers are those that a full computation finds. The records are kept a second
 * time, in a Map, and evaluated from there.
 */

let kept: Kept;
beforeAll(async () => {
  kept = await keptAnswers(plainMeasures, { now: '2026-06-01T12:00:00Z' });
});
afterAll(() => kept.database.drop());

const children = ['ana', 'ben', 'cleo'];
const child = fc.constantFrom(...children);
const slot = (type: string) => fc.integer({ min: 0, max: 2 }).map((n) => `${type}-${n}`);
const day = fc.integer({ min: -20, max: 20 });

type Step =
  | { kind: 'put'; make: (dayAt: (offset: number) => string) => Resource }
  | { kind: 'delete'; type: string; id: string }
  | { kind: 'wait'; days: number }
  | { kind: 'work' };

const put = <T>(arbitrary: fc.Arbitrary<T>, make: (value: T, dayAt: (offset: number) => string) => Resource) =>
  arbitrary.map((value): Step => ({ kind: 'put', make: (dayAt) => make(value, dayAt) }));

const step: fc.Arbitrary<Step> = fc.oneof(
  put(
    fc.record({
      id: slot('i'),
      child,
      code: fc.constantFrom('03', '21', '08'),
      day,
      status: fc.constantFrom('completed', 'not-done'),
    }),
    ({ id, child, code, day, status }, dayAt) => records.immunization(id, child, code, dayAt(day), status),
  ),
  put(
    fc.record({
      id: slot('o'),
      child,
      code: fc.constantFrom('29463-7', '8302-2'),
      value: fc.integer({ min: 1, max: 3 }),
    }),
    ({ id, child, code, value }) => records.observation(id, child, code, value),
  ),
  put(
    fc.record({
      id: slot('r'),
      child,
      by: fc.oneof(
        fc.constantFrom('1649574', '723').map((code) => ({ code })),
        slot('m').map((medication) => ({ medication })),
      ),
    }),
    ({ id, child, by }) => records.prescription(id, child, by),
  ),
  put(fc.record({ id: slot('m'), code: fc.constantFrom('1649574', '723') }), ({ id, code }) =>
    records.medication(id, code),
  ),
  put(fc.record({ id: slot('v'), child, day }), ({ id, child, day }, dayAt) => records.visit(id, child, dayAt(day))),
  put(
    fc.record({
      child,
      birthDate: fc.constantFrom('2019-05-05', '2021-05-05'),
      gender: fc.constantFrom('male', 'female'),
      replacedBy: fc.option(child, { nil: undefined, freq: 4 }),
    }),
    ({ child, birthDate, gender, replacedBy }) =>
      records.patient(child, birthDate, gender, replacedBy === child ? undefined : replacedBy),
  ),
  fc
    .oneof(
      ...(
        [
          ['Immunization', 'i'],
          ['Observation', 'o'],
          ['MedicationRequest', 'r'],
          ['Medication', 'm'],
          ['Encounter', 'v'],
        ] as const
      ).map(([type, name]) => slot(name).map((id) => ({ type, id }))),
      child.map((id) => ({ type: 'Patient', id })),
    )
    .map((what): Step => ({ kind: 'delete', ...what })),
  fc.integer({ min: 1, max: 40 }).map((days): Step => ({ kind: 'wait', days })),
  fc.constant<Step>({ kind: 'work' }),
);

/** What is in the store, once more. */
type Model = Map<string, Resource>;

function countedChildren(model: Model): string[] {
  return children.filter((id) => {
    const patient = model.get(`Patient/${id}`);
    return patient !== undefined && patient.link === undefined;
  });
}

function recordOf(model: Model, id: string): Resource[] {
  const all = [...model.values()];
  const patient = `Patient/${id}`;
  const own = all.filter((resource) => {
    const about = (resource.subject ?? resource.patient) as { reference?: string } | undefined;
    return about?.reference === patient || `${resource.resourceType}/${resource.id}` === patient;
  });
  const named = new Set(
    own.map(({ medicationReference: to }) => (to as { reference?: string } | undefined)?.reference),
  );
  return [...own, ...all.filter(({ resourceType, id }) => named.has(`${resourceType}/${id}`))];
}

/** Every pair's answer by evaluating the model. */
async function expected(model: Model): Promise<Map<string, string>> {
  const now = new Date(`${kept.clock.now().toISOString().slice(0, 10)}T23:59:59.999Z`);
  const found = new Map<string, string>();
  for (const id of countedChildren(model)) {
    for (const measure of plainMeasures) {
      const record = recordOf(model, id).filter(({ resourceType }) => measure.retrieves.includes(resourceType));
      const patientFirst = record.sort(
        (a, b) => Number(b.resourceType === 'Patient') - Number(a.resourceType === 'Patient'),
      );
      const answer = await measure.evaluate(
        patientFirst,
        { start: '2026-01-01', end: '2026-12-31' },
        { now, zone: 'UTC' },
      );
      if (!answer.ok) throw new Error('a plain measure failed');
      found.set(`${id} ${measure.name}`, keptAnswer(answer.value).text);
    }
  }
  return found;
}

/** The answers that count as current, by pair. */
async function current(): Promise<Map<string, string>> {
  const today = kept.clock.now().toISOString().slice(0, 10);
  const rows = await kept.database.store.query<{ pair: string; content: string }>(
    `SELECT r.patient_id || ' ' || r.measure AS pair, a.content
       FROM measure_result r JOIN measure_child c ON c.patient_id = r.patient_id JOIN measure_answer a ON a.key = r.answer
      WHERE c.present AND r.revision >= greatest(c.all_changed, coalesce((c.changed ->> r.measure)::bigint, 0))
        AND (r.next_change_date IS NULL OR r.next_change_date > $1) AND extract(year FROM r.period_start) = extract(year FROM $1::date)`,
    [today],
  );
  return new Map(rows.map(({ pair, content }) => [pair, content]));
}

async function take(step: Step, model: Model): Promise<void> {
  const dayAt = (offset: number) =>
    new Date(kept.clock.now().getTime() + offset * 86_400_000).toISOString().slice(0, 10);
  if (step.kind === 'put') {
    const resource = step.make(dayAt);
    await kept.put(resource);
    model.set(`${resource.resourceType}/${resource.id}`, resource);
  } else if (step.kind === 'delete') {
    await kept.database.store.transact(testActor, (tx) => tx.delete(step.type, step.id));
    model.delete(`${step.type}/${step.id}`);
  } else if (step.kind === 'wait') {
    kept.clock.set(dayAt(step.days));
  } else await kept.runQueued();
}

test('an answer that counts as current is right at every moment, and in the end all are', async () => {
  const unmarked = { kept: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      await kept.empty();
      kept.clock.set('2026-06-01T12:00:00Z');
      const model: Model = new Map();
      for (const id of children)
        await take({ kind: 'put', make: () => records.patient(id, '2021-05-05', 'female') }, model);
      await kept.runQueued();
      for (const next of steps) {
        await take(next, model);
        const right = await expected(model);
        for (const [pair, answer] of await current()) {
          expect([pair, answer]).toEqual([pair, right.get(pair)]);
          unmarked.kept += 1;
        }
      }
      await kept.currency.evaluateAll({ store: kept.database.store });
      const right = await expected(model);
      expect(Object.fromEntries(await current())).toEqual(Object.fromEntries(right));
      await expectSums(right);
    }),
    { numRuns: 40 },
  );
  // The comparison means something only when answers outlived edits.
  expect(unmarked.kept).toBeGreaterThan(500);
});

/** A population's report is the sum of what was expected of each child. */
async function expectSums(right: ReadonlyMap<string, string>): Promise<void> {
  const year = kept.clock.now().toISOString().slice(0, 4);
  const period = { start: `${year}-01-01`, end: `${year}-12-31` };
  for (const measure of plainMeasures) {
    const sums = await kept.currency.populationAnswers(kept.database.store, { measure, period, patienceMs: 0 });
    const texts = [...right].filter(([pair]) => pair.endsWith(` ${measure.name}`)).map(([, text]) => text);
    const counted = new Map<string, number>();
    for (const text of texts) counted.set(text, (counted.get(text) ?? 0) + 1);
    const byText = (a: { answer: Answer }, b: { answer: Answer }) =>
      JSON.stringify(a.answer) < JSON.stringify(b.answer) ? -1 : 1;
    const wanted = [...counted].map(([text, children]) => ({ answer: parseAnswer(text), children }));
    expect(sums.answers.sort(byText)).toEqual(wanted.sort(byText));
    expect([sums.pending, sums.failed]).toEqual([0, 0]);
  }
}
