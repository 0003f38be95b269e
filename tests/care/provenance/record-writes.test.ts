import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fail, ok, type Result } from '../../../src/base/errors.ts';
import { createProvenance } from '../../../src/care/provenance/provenance.ts';
import { loadDefinitions } from '../../../src/fhir/definitions.ts';
import type { Resource, r4 } from '../../../src/fhir/types.ts';
import { createValidator } from '../../../src/fhir/validate.ts';
import type { Actor, Tx } from '../../../src/store/types.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import { usCoreProvenanceProblems } from '../../us-core/support/provenance-rules.ts';

const baseUrl = 'http://here.example/fhir';
const clock = { now: () => new Date('2026-11-20T10:00:00.000Z') };
const buildDir = path.join(import.meta.dirname, '../../../build/fhir');
const client: Actor = { kind: 'client', id: 'loader', requestId: 'r1' };
const clinician: Actor = { kind: 'user', id: 'Practitioner/reed', clientId: 'page', requestId: 'r2' };
let at: TestStore;

beforeAll(async () => {
  const { conclusions } = createProvenance({ definitions: loadDefinitions(buildDir), clock, baseUrl });
  at = await createTestStore({ conclusions, clock });
});
afterAll(() => at.drop());

const patient = (id: string): Resource => ({ resourceType: 'Patient', id });
const observation = (id: string, child: string, status = 'final'): Resource => ({
  resourceType: 'Observation',
  id,
  status,
  code: { text: 'Invented' },
  subject: { reference: `Patient/${child}` },
});

/** Runs the work as one transaction and answers the Provenances that it left, oldest first. */
async function left(work: (tx: Tx) => Promise<Result<unknown>>, actor = client): Promise<r4.Provenance[]> {
  const before = await at.store.query<{ key: string }>('SELECT coalesce(max(key), 0) AS key FROM resource');
  await at.store.transact(actor, work);
  const rows = await at.store.query<{ content: string }>(
    "SELECT content FROM resource WHERE type = 'Provenance' AND key > $1 ORDER BY key",
    [before[0]?.key],
  );
  return rows.map(({ content }) => JSON.parse(content));
}

/** Writes all in turn. */
const put =
  (...resources: Resource[]) =>
  async (tx: Tx): Promise<Result<unknown>> => {
    for (const resource of resources) {
      const written = await tx.update(resource);
      if (!written.ok) return written;
    }
    return ok(undefined);
  };

const targetsOf = ({ target }: r4.Provenance) => target.map(({ reference }) => reference);
const patientOf = ({ extension }: r4.Provenance) => extension?.[0]?.valueReference?.reference;

describe('no Provenance', () => {
  test('of a transaction that is undone', async () => {
    const undone = async (tx: Tx) => {
      await tx.update(patient('undone'));
      return fail('invalid', 'no');
    };
    expect(await left(undone)).toEqual([]);
    expect(await at.store.read('Patient', 'undone')).toBeUndefined();
  });
  test('of what was not changed, or was not there to delete', async () => {
    await left(put(patient('same')));
    expect(await left(put(patient('same')))).toEqual([]);
    expect(await left((tx) => tx.delete('Patient', 'never'))).toEqual([]);
  });
  test('of Provenance and AuditEvent', async () => {
    const agent = [{ who: { display: 'someone' } }];
    const audit = { resourceType: 'AuditEvent', id: 'a', recorded: clock.now().toISOString() };
    const own = { resourceType: 'Provenance', id: 'own', target: [{ reference: 'Patient/same' }], agent };
    expect((await left(put(audit, own))).map(({ id }) => id)).toEqual(['own']);
    expect(await left((tx) => tx.delete('Provenance', 'own'))).toEqual([]);
  });
  test('of the definitions that a start publishes', async () => {
    const publishing: Actor = { kind: 'system', id: 'conformance', requestId: 'start' };
    expect(await left(put({ resourceType: 'Library', id: 'logic' }), publishing)).toEqual([]);
  });
  test('of what the transaction itself has told of, whatever version it names', async () => {
    const told = {
      resourceType: 'Provenance',
      id: 'told',
      target: [{ reference: 'Patient/told-1/_history/1' }, { reference: `${baseUrl}/Patient/told-2` }],
      agent: [{ who: { display: 'a hospital' } }],
    };
    const found = await left(put(patient('told-1'), patient('told-2'), patient('untold'), told));
    expect(found.map(targetsOf)).toEqual([
      ['Patient/told-1/_history/1', `${baseUrl}/Patient/told-2`],
      ['Patient/untold/_history/1'],
    ]);
  });
});

describe('what it says', () => {
  test('the version, the time, the client, and whose record it is', async () => {
    const [found, ...more] = await left(put(patient('ann'), observation('o1', 'ann')));
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      target: [{ reference: 'Patient/ann/_history/1' }, { reference: 'Observation/o1/_history/1' }],
      recorded: '2026-11-20T10:00:00.000Z',
      activity: { coding: [{ code: 'CREATE' }] },
      agent: [{ who: { identifier: { system: 'urn:careweave:client', value: 'loader' } } }],
    });
    expect(found && patientOf(found)).toBe('Patient/ann');
  });
  test('created, updated and deleted each by itself; a resource written twice once, by its last version', async () => {
    await left(put(patient('bea'), observation('b1', 'bea'), observation('b2', 'bea')));
    const found = await left(async (tx) => {
      await tx.update(observation('b1', 'bea', 'amended'));
      await tx.delete('Observation', 'b2');
      await tx.update(observation('b3', 'bea'));
      return tx.update(observation('b3', 'bea', 'amended'));
    });
    expect(found.map((one) => [one.activity?.coding?.[0]?.code, targetsOf(one), patientOf(one)])).toEqual([
      ['UPDATE', ['Observation/b1/_history/2'], 'Patient/bea'],
      ['DELETE', ['Observation/b2/_history/2'], 'Patient/bea'],
      ['CREATE', ['Observation/b3/_history/2'], 'Patient/bea'],
    ]);
  });
  test('a person by reference, on whose behalf and through which client, and nobody by name', async () => {
    const [found] = await left(put(observation('o2', 'ann')), clinician);
    expect(found?.agent).toMatchObject([
      { who: { reference: 'Practitioner/reed' }, onBehalfOf: { identifier: { value: baseUrl } } },
      { who: { identifier: { value: 'page' } } },
    ]);
    expect(JSON.stringify(found?.agent.map(({ who }) => who))).not.toContain('display');
  });
  test.each([client, clinician, { kind: 'system', id: 'care', requestId: 'job' } as const])(
    'is valid, also by the rules of US Core: %j',
    async (actor) => {
      const [found] = await left(put(observation(`valid-${actor.kind}`, 'ann')), actor);
      const validate = createValidator(buildDir);
      expect(validate({ ...found } as unknown as Resource)).toEqual([]);
      expect(found && usCoreProvenanceProblems(found)).toEqual([]);
    },
  );
});

describe('whoever sees a Provenance sees what it targets, so', () => {
  test('a transaction over twelve children leaves twelve, and one for what is nobody’s', async () => {
    const children = Array.from({ length: 12 }, (_, number) => `many-${number}`);
    const all = children.flatMap((child) => [patient(child), observation(`of-${child}`, child)]);
    const found = await left(put({ resourceType: 'Organization', id: 'clinic', name: 'Clinic' }, ...all));
    expect(found).toHaveLength(13);
    expect(found.flatMap(targetsOf).sort()).toEqual(
      ['Organization/clinic', ...all.map(({ resourceType, id }) => `${resourceType}/${id}`)]
        .map((reference) => `${reference}/_history/1`)
        .sort(),
    );
    for (const child of children) {
      const own = found.filter((one) => patientOf(one) === `Patient/${child}`);
      expect(own.map(targetsOf)).toEqual([[`Patient/${child}/_history/1`, `Observation/of-${child}/_history/1`]]);
    }
    expect(found.filter((one) => patientOf(one) === undefined).map(targetsOf)).toEqual([
      ['Organization/clinic/_history/1'],
    ]);
  });
  test('a large transaction leaves several, and tells of everything once', async () => {
    const all = Array.from({ length: 1001 }, (_, number) => observation(`large-${number}`, 'ann'));
    const found = await left(put(...all));
    expect(found.map(({ target }) => target.length)).toEqual([500, 500, 1]);
    expect(new Set(found.flatMap(targetsOf)).size).toBe(1001);
    expect(new Set(found.map(patientOf))).toEqual(new Set(['Patient/ann']));
  });
  test('a record of two children is told of to each, apart; a roster to neither', async () => {
    const shared = { ...observation('shared', 'ann'), performer: [{ reference: 'Patient/bea' }] };
    const member = ['ann', 'bea'].map((child) => ({ entity: { reference: `Patient/${child}` } }));
    const roster = { resourceType: 'Group', id: 'roster', type: 'person', actual: true, member };
    const found = await left(put(shared, observation('o3', 'ann'), roster));
    expect(Object.fromEntries(found.map((one) => [patientOf(one), targetsOf(one)]))).toEqual({
      'Patient/ann': ['Observation/shared/_history/1', 'Observation/o3/_history/1'],
      'Patient/bea': ['Observation/shared/_history/1'],
      undefined: ['Group/roster/_history/1'],
    });
  });
});

test('the client’s own Provenance takes the place of ours, one for each child, with the targets filled in', async () => {
  const provenance: Resource = {
    resourceType: 'Provenance',
    extension: [
      { url: 'http://x.example/kept', valueString: 'yes' },
      {
        url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Provenance.patient',
        valueReference: { reference: 'Patient/ann' },
      },
    ],
    recorded: '2026-01-01T00:00:00Z',
    agent: [{ who: { display: 'the school nurse' } }],
  };
  const found = await left(put(observation('x1', 'ann'), observation('x2', 'bea')), { ...client, provenance });
  expect(found.map((one) => [one.recorded, one.agent, targetsOf(one)])).toEqual(
    ['x1', 'x2'].map((id) => ['2026-01-01T00:00:00Z', provenance.agent, [`Observation/${id}/_history/1`]]),
  );
  const named = found.map(({ extension }) =>
    extension?.map((each) => each.valueString ?? each.valueReference?.reference),
  );
  expect(named).toEqual([
    ['yes', 'Patient/ann'],
    ['yes', 'Patient/bea'],
  ]);
});
