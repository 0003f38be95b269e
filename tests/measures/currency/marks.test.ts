import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createLogger } from '../../../src/base/log.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { evaluateJobKind } from '../../../src/measures/currency/evaluate-job.ts';
import { createSight } from '../../../src/measures/currency/sight.ts';
import { testActor } from '../../support/database.ts';
import { type Kept, keptAnswers } from './kept.ts';
import { plainMeasures, records } from './plain-measures.ts';

let kept: Kept;
beforeAll(async () => {
  kept = await keptAnswers(plainMeasures);
});
afterAll(() => kept.database.drop());
beforeEach(async () => {
  await kept.empty();
  await kept.put(records.patient('ana', '2021-05-05', 'female'), records.patient('ben', '2021-05-05', 'male'));
  await kept.runQueued();
});

/** The pairs that a change left out of date, and the children whose evaluation it queued. */
async function marked(...resources: Resource[]): Promise<{ stale: string[]; queued: string[] }> {
  await kept.put(...resources);
  const stale = (await kept.states()).filter((line) => line.endsWith(' stale')).map((line) => line.slice(0, -6));
  return { stale, queued: await kept.queued() };
}

const nothing = { stale: [], queued: [] };

describe('a change marks nothing', () => {
  test('when no measure asks for the code of the record', async () => {
    expect(await marked(records.immunization('i', 'ana', '08', '2026-03-01', 'completed'))).toEqual(nothing);
    expect(await marked(records.observation('o', 'ana', '8302-2', 120))).toEqual(nothing);
  });

  test('when a medicine is written that nobody was prescribed', async () => {
    await kept.put(records.prescription('r', 'ana', { medication: 'other' }));
    await kept.runQueued();
    expect(await marked(records.medication('m', '1649574'))).toEqual(nothing);
  });

  test('when it is about nobody who is known', async () => {
    const nobodys = {
      ...records.immunization('i', 'ana', '03', '2026-03-01', 'completed'),
      patient: { display: 'someone' },
    };
    expect(await marked(nobodys)).toEqual(nothing);
  });
});

describe('a change marks', () => {
  test('the measure that could see the record before it lost its code', async () => {
    await kept.put(records.immunization('i', 'ana', '03', '2026-03-01', 'completed'));
    await kept.runQueued();
    const recoded = await marked(records.immunization('i', 'ana', '08', '2026-03-01', 'completed'));
    expect(recoded).toEqual({ stale: ['ana shots'], queued: ['ana'] });
  });

  test('the child from whom a record was moved, and the one to whom', async () => {
    await kept.put(records.observation('o', 'ana', '29463-7', 12));
    await kept.runQueued();
    const moved = await marked(records.observation('o', 'ben', '29463-7', 12));
    expect(moved).toEqual({ stale: ['ana weights', 'ben weights'], queued: ['ana', 'ben'] });
  });

  test('the children who were prescribed a medicine that comes, changes, or goes', async () => {
    await kept.put(records.prescription('r', 'ana', { medication: 'm' }));
    await kept.runQueued();
    const ofAna = { stale: ['ana medicines'], queued: ['ana'] };
    expect(await marked(records.medication('m', '1649574'))).toEqual(ofAna);
    await kept.runQueued();
    const [answer] = await kept.database.store.query<{ content: string }>(
      `SELECT a.content FROM measure_result r JOIN measure_answer a ON a.key = r.answer WHERE measure = 'medicines' AND patient_id = 'ana'`,
    );
    expect(answer?.content).toMatch('numerator');
    expect(await marked(records.medication('m', '723'))).toEqual(ofAna);
    await kept.runQueued();
    await kept.database.store.transact(testActor, (tx) => tx.delete('Medication', 'm'));
    expect(await kept.queued()).toEqual(['ana']);
  });

  test('a prescription and its medicine that are written at the same time by two', async () => {
    const { store } = kept.database;
    let go: () => void = () => {};
    const written = new Promise<void>((resolve) => {
      go = resolve;
    });
    const first = store.transact(testActor, async (tx) => {
      const made = await tx.update(records.prescription('r', 'ana', { medication: 'm' }));
      // The medicine comes now; it waits for this transaction, because it has to see the prescription.
      go();
      await tx.query('SELECT pg_sleep(0.05)');
      return made;
    });
    await written;
    const second = store.transact(testActor, (tx) => tx.update(records.medication('m', '1649574')));
    for (const done of await Promise.all([first, second])) expect(done.ok).toBe(true);
    await kept.runQueued();
    const [row] = await store.query<{ content: string }>(
      `SELECT a.content FROM measure_result r JOIN measure_answer a ON a.key = r.answer WHERE measure = 'medicines' AND patient_id = 'ana'`,
    );
    expect(row?.content).toMatch('numerator');
  });

  test('every measure when the Patient changes', async () => {
    const { stale } = await marked(records.patient('ana', '2022-05-05', 'female'));
    expect(stale).toEqual(plainMeasures.map(({ name }) => `ana ${name}`).sort());
  });
});

test('transactions over the same children in opposite order do not stop each other', async () => {
  const shot = (n: number, child: string) =>
    records.immunization(`${child}-${n}`, child, '03', '2026-03-01', 'completed');
  const rounds = Array.from({ length: 8 }, (_, n) =>
    n % 2 === 0 ? kept.put(shot(n, 'ana'), shot(n, 'ben')) : kept.put(shot(n, 'ben'), shot(n, 'ana')),
  );
  await Promise.all(rounds);
  const [row] = await kept.database.store.query<{ revision: string }>(
    "SELECT revision FROM measure_child WHERE patient_id = 'ana'",
  );
  // One for the Patient, one for each transaction.
  expect(row?.revision).toBe('9');
});

test('one evaluation takes along others who wait; when it breaks they wait as before', async () => {
  const { store, pool } = kept.database;
  for (const id of ['ana', 'ben']) await kept.put(records.immunization(id, id, '03', '2026-03-01', 'completed'));
  const job = kept.currency.jobs.find(({ kind }) => kind === evaluateJobKind);
  const context = { store, clock: kept.clock, log: createLogger('silent') };
  const run = () => job?.run({ kind: evaluateJobKind, key: 'ana', payload: { patientId: 'ana' }, attempt: 1 }, context);
  kept.measures.all = plainMeasures.map((measure) => ({
    ...measure,
    evaluate: () => Promise.reject(new Error('broken')),
  }));
  await expect(run()).rejects.toThrow('broken');
  expect(await kept.queued()).toEqual(['ana', 'ben']);
  kept.measures.all = plainMeasures;
  await run();
  expect(await kept.queued()).toEqual([]);
  expect((await kept.states()).filter((line) => !line.endsWith(' current'))).toEqual([]);
  await pool.query("DELETE FROM job WHERE state = 'done'");
});

describe('what a need can see', () => {
  const need = { type: 'Immunization', path: 'vaccineCode', codes: new Set(['s|1']) };
  const seen = (vaccineCode: unknown) =>
    createSight([{ name: 'm', needs: [need] }]).seenBy({ resourceType: 'Immunization', vaccineCode }).size === 1;

  test.each([
    ['another code', { coding: [{ system: 's', code: '2' }] }, false],
    ['the code of another system', { coding: [{ system: 't', code: '1' }] }, false],
    ['words only', { text: '1' }, false],
    ['no code at all', undefined, false],
    [
      'the code among others',
      {
        coding: [
          { system: 't', code: '9' },
          { system: 's', code: '1' },
        ],
      },
      true,
    ],
    ['a code of no system: not decided here', { coding: [{ code: '2' }] }, true],
    ['a reference: not decided here', { reference: 'Medication/1' }, true],
    ['an odd shape: not decided here', { coding: 'x' }, true],
  ])('%s', (_, value, expected) => {
    expect(seen(value)).toBe(expected);
  });

  test('a choice element under any of its types', () => {
    const medication = { type: 'MedicationRequest', path: 'medication', codes: new Set(['s|1']) };
    const { seenBy } = createSight([{ name: 'm', needs: [medication] }]);
    const request = (more: object): Resource => ({ resourceType: 'MedicationRequest', ...more });
    expect(seenBy(request({ medicationCodeableConcept: { coding: [{ system: 's', code: '1' }] } })).size).toBe(1);
    expect(seenBy(request({ medicationCodeableConcept: { coding: [{ system: 's', code: '2' }] } })).size).toBe(0);
    expect(seenBy(request({ medicationReference: { reference: 'Medication/1' } })).size).toBe(1);
  });
});
