import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Principal, RedactionRule, View } from '../../../src/access/types.ts';
import type { Resource, r4 } from '../../../src/fhir/types.ts';
import type { OperationParameters } from '../../../src/module.ts';
import type { Grant } from '../../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../../support/database.ts';
import { houseMeasures, immunization, now } from '../house.ts';

/** Whose records a report may be made of: three children, of whom one has a record that some clinicians may not see. */
const house = houseMeasures();
let database: TestStore;

const rule: RedactionRule = {
  stripsLabels: false,
  hidesVersions: false,
  dropsNarrative: false,
  dropsFormerDetails: false,
  marksSubsetted: true,
  letsKnow: 0n,
  removes: new Map(),
};
const scopes: Principal['scopes'] = [{ level: 'user', type: '*', interactions: new Set(['r', 's']) }];
const staff = (grants: readonly Grant[], more: Partial<View> = {}): Principal => ({
  kind: 'user',
  id: 'Practitioner/p',
  clientId: 'app',
  fhirUser: 'Practitioner/p',
  scopes,
  view: { grants, policy: 'test', ...more },
});
const machine: Principal = {
  kind: 'client',
  id: 'panel',
  clientId: 'panel',
  scopes: [{ level: 'system', type: '*', interactions: new Set(['r', 's']) }],
};
/** The first bit stands for the category of the hidden record. */
const withoutHidden = staff([{ types: 'any', hides: 1n }]);
const withoutBen = staff([{ types: 'any', except: ['ben'] }]);

const asked = {
  measure: 'http://careweave.org/fhir/Measure/childhood-immunization-status',
  periodStart: '2026',
  periodEnd: '2026',
};

async function ask(principal: Principal, name: string, given: Record<string, string>) {
  const parameters: OperationParameters = {
    text: (key) => given[key],
    texts: (key) => (given[key] === undefined ? [] : [given[key]]),
    resource: () => undefined,
  };
  const operation = house.module.operations?.find((each) => each.name === name && each.level === 'type');
  if (!operation) throw new Error(`no operation ${name}`);
  return operation.handle({ principal, store: database.store, parameters, requestId: 'test' });
}

async function kindOf(principal: Principal, name: string, given: Record<string, string>) {
  const answer = await ask(principal, name, given);
  return answer.ok ? 'answered' : `${answer.error.kind}: ${answer.error.issues[0]?.text}`;
}

async function report(principal: Principal, given: Record<string, string>): Promise<r4.MeasureReport> {
  const answer = await ask(principal, 'evaluate-measure', { ...asked, ...given });
  if (!answer.ok) throw new Error(answer.error.issues[0]?.text);
  return answer.value as unknown as r4.MeasureReport;
}

function count(of: r4.MeasureReport, code: string): number | undefined {
  const { population = [] } = of.group?.find(({ id }) => id === 'mmr') ?? {};
  return population.find((each) => each.code?.coding?.[0]?.code === code)?.count;
}

const partial = /records that are kept back from the asker are left out/;

beforeAll(async () => {
  database = await createTestStore({ effects: house.module.effects ?? [], clock: now });
  const child = (id: string): Resource => ({ resourceType: 'Patient', id, birthDate: '2024-03-10' });
  const records = [
    ...['ana', 'ben', 'cleo'].map(child),
    ...['ana', 'ben', 'cleo'].map((id) => immunization(`${id}-mmr`, '03', '2025-03-12', id)),
    ...['open', 'hidden'].flatMap((id): Resource[] => [
      { resourceType: 'Medication', id: `${id}-medicine`, code: { text: 'Ashvale drops' } },
      {
        resourceType: 'MedicationDispense',
        id: `${id}-dispensed`,
        status: 'completed',
        subject: { reference: 'Patient/cleo' },
        medicationReference: { reference: `Medication/${id}-medicine` },
      },
    ]),
  ];
  const written = await database.store.transact(testActor, async (tx) => {
    for (const record of records) {
      const result = await tx.update(record);
      if (!result.ok) return result;
    }
    return { ok: true, value: undefined };
  });
  if (!written.ok) throw new Error(written.error.issues[0]?.text);
  await database.pool.query(
    "UPDATE resource SET categories = 1, own_categories = 1 WHERE id IN ('cleo-mmr', 'hidden-dispensed')",
  );
});
afterAll(() => database.drop());

describe.each(['evaluate-measure', 'explain', 'collect-data', 'care-gaps'])('$%s of one child', (name) => {
  const of = (patient: string) => ({ ...asked, status: 'closed-gap', subject: `Patient/${patient}` });

  test('is not told of a child whose chart is closed, in the words for one who is not there', async () => {
    const hidden = await kindOf(withoutBen, name, of('ben'));
    expect(hidden).toMatch(/^not-found/);
    expect(await kindOf(withoutBen, name, of('nobody'))).toBe(hidden);
    expect(await kindOf(withoutBen, name, of('ana'))).toBe('answered');
  });

  test('is not told by a token for another child, whether there is such a child or not', async () => {
    const launched: Principal = {
      ...staff([{ types: 'any' }]),
      patientId: 'ana',
      scopes: [{ level: 'patient', type: '*', interactions: new Set(['r', 's']) }],
    };
    const refused = await kindOf(launched, name, of('ben'));
    expect(refused).toMatch(/^forbidden/);
    expect(await kindOf(launched, name, of('nobody'))).toBe(refused);
    expect(await kindOf(launched, name, of('ana'))).toBe('answered');
  });

  test('is not told by a token that does not read all that the measure does', async () => {
    const few = staff([{ types: new Set(['Patient', 'Immunization']) }]);
    expect(await kindOf(few, name, of('ana'))).toMatch(/^forbidden/);
    const some = staff([{ types: 'any', having: [{ param: 'category', anyOf: [{ code: 'x' }] }] }]);
    expect(await kindOf(some, name, of('ana'))).toMatch(/^forbidden/);
  });

  test('is not told to families', async () => {
    const mother = staff([{ types: 'any', patients: ['ana'] }], {
      redaction: { rules: [{ patients: 'any', rule: { ...rule, hidesVersions: true } }], withoutWhereabouts: [] },
    });
    expect(await kindOf(mother, name, of('ana'))).toMatch(/^forbidden: Reports on measures are not told to families/);
  });
});

describe('records that are kept back', () => {
  test('do not count in a report on the child, which says so whether there are any or not', async () => {
    expect(count(await report(machine, { subject: 'Patient/cleo' }), 'numerator')).toBe(1);
    const cleo = await report(withoutHidden, { subject: 'Patient/cleo' });
    expect(count(cleo, 'numerator')).toBe(0);
    expect(JSON.stringify(cleo)).not.toMatch('cleo-mmr');
    expect(cleo.text?.div).toMatch(partial);
    const ana = await report(withoutHidden, { subject: 'Patient/ana' });
    expect(count(ana, 'numerator')).toBe(1);
    expect(ana.text?.div).toMatch(partial);
    expect((await report(machine, { subject: 'Patient/ana' })).text?.div).not.toMatch(partial);
  });

  test.each(['summary', 'subject-list'])(
    'nor in a %s, and what is kept for others stays as it was',
    async (reportType) => {
      const seen = await report(withoutHidden, { reportType });
      expect([count(seen, 'denominator'), count(seen, 'numerator')]).toEqual([3, 2]);
      expect(seen.text?.div).toMatch(partial);
      const all = await report(machine, { reportType });
      expect([count(all, 'denominator'), count(all, 'numerator')]).toEqual([3, 3]);
    },
  );
});

test('a medicine that only a hidden prescription names is not collected', async () => {
  const collect = async (principal: Principal) => {
    const measure = 'http://careweave.org/fhir/Measure/asthma-medication-ratio';
    const answer = await ask(principal, 'collect-data', { ...asked, measure, subject: 'Patient/cleo' });
    return JSON.stringify(answer);
  };
  expect(await collect(machine)).toMatch('hidden-medicine');
  const seen = await collect(withoutHidden);
  expect(seen).toMatch('open-medicine');
  expect(seen).not.toMatch('hidden-medicine');
});

describe('a population', () => {
  test('is without the children whose charts are closed to the asker', async () => {
    const list = await report(withoutBen, { reportType: 'subject-list' });
    expect(count(list, 'denominator')).toBe(2);
    expect(JSON.stringify(list)).not.toMatch('Patient/ben');
    expect(count(await report(withoutBen, { reportType: 'summary' }), 'denominator')).toBe(2);
  });

  test.each(['evaluate-measure', 'evaluate', 'published-report', 'core-set-report'])(
    '$%s is not told to who may see some children only',
    async (name) => {
      const own = staff([{ types: 'any', patients: ['ana', 'ben', 'cleo'] }]);
      expect(await kindOf(own, name, { ...asked, measureUrl: asked.measure })).toMatch(/^forbidden/);
      const allowed = await kindOf(machine, name, { ...asked, measureUrl: asked.measure, dataSource: 'EHR' });
      // The worksheet is refused for what is in it: no child here makes a rate wrong.
      expect(allowed).toBe('answered');
    },
  );
});
