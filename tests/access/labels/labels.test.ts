import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addRole } from '../../../src/access/policy/roles.ts';
import { keepSecondPerson } from '../../../src/auth/admin/requests.ts';
import { createAccounts } from '../../../src/auth/people/accounts.ts';
import { createCredentials } from '../../../src/auth/people/credentials.ts';
import { createSealing } from '../../../src/auth/people/sealing.ts';
import { unwrap } from '../../support/house.ts';
import { openPrivacyHouse, type PrivacyHouse } from '../support/privacy-house.ts';

/** What becomes of a label once it is on a record: who takes it away, when it goes by itself, and why it is there. */
let house: PrivacyHouse;
const doctor = 'Practitioner/pv-doctor';
const officer = 'Practitioner/pv-officer';
const deputy = 'Practitioner/pv-deputy';
const mother = 'RelatedPerson/pv-custody-mother';
const child = 'Patient/pv-custody';
const act = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const expiresUrl = 'http://careweave.org/fhir/StructureDefinition/label-expires';
const ds4p = 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition';
const codes = new Map<string, string[]>();
const clock = { now: () => new Date('2026-11-23T12:00:00-05:00') };

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load('custody');
  unwrap(await addRole(house.store, deputy, 'privacy-officer'));
  await account('officer', officer);
  await account('officer-again', deputy);
}, 60_000);
afterAll(() => house.shut());

async function account(username: string, fhirUser: string): Promise<void> {
  const parts = { sql: house.store, clock, sealing: createSealing(house.store) };
  const added = unwrap(await createAccounts(parts).add({ username, fhirUsers: [fhirUser] }));
  const sealed = await parts.sealing.seal(Buffer.alloc(20, username));
  codes.set(fhirUser, await createCredentials(parts).setSecondFactor(added.id, sealed, 0));
}
const status = async (who: string, path: string) => (await house.as(who, 'GET', path)).status;
const observation = (id: string, security: object[], more: object = {}) => ({
  resourceType: 'Observation',
  id,
  ...(security.length > 0 && { meta: { security } }),
  status: 'final',
  code: { text: 'an invented result' },
  subject: { reference: child },
  ...more,
});
const put = async (who: string, resource: { resourceType: string; id: string }) =>
  (await house.as(who, 'PUT', `/${resource.resourceType}/${resource.id}`, resource)).status;
const label = (code: string, expires?: string) => ({
  system: act,
  code,
  ...(expires !== undefined && { extension: [{ url: expiresUrl, valueDateTime: expires }] }),
});
const release = (who: string, id: string, some: Record<string, string> = {}) =>
  house.as(who, 'POST', `/Observation/${id}/$release`, {
    resourceType: 'Parameters',
    parameter: Object.entries(some).map(([name, valueString]) => ({ name, valueString })),
  });
const labelsOf = async (id: string) =>
  (await house.as(officer, 'GET', `/Observation/${id}`)).json.meta.security?.map(({ code }: any) => code);

describe('a result that was not discussed yet', () => {
  test('PP-31 PP-23 is released by nobody of a family, no machine, and no clinician who takes another label with it', async () => {
    expect(await put('system', observation('undiscussed', [label('TBOO'), label('ADOL')]))).toBe(201);
    expect(await status(mother, '/Observation/undiscussed')).toBe(404);
    for (const who of [mother, 'system', 'Patient/pv-custody'])
      expect([who, (await release(who, 'undiscussed')).status]).toEqual([who, 404]);
    expect((await release(doctor, 'undiscussed', { label: `${act}|ADOL` })).status).toBe(403);
    expect((await release(doctor, 'undiscussed', { label: `${act}|PSYTHPN` })).status).toBe(422);
    expect((await release(doctor, 'never-was', {})).status).toBe(404);
    expect(await put(doctor, observation('undiscussed', []))).toBe(200);
    expect(await labelsOf('undiscussed')).toEqual(['TBOO', 'ADOL']);
  });

  test('PP-31 a clinician releases it, which makes a version, a Provenance and a line in the trail', async () => {
    expect(await put('system', observation('discussed', [label('TBOO')]))).toBe(201);
    expect(await status(mother, '/Observation/discussed')).toBe(404);
    const answer = await release(doctor, 'discussed');
    expect([answer.text, answer.status]).toEqual([answer.text, 200]);
    expect(answer.json.parameter).toEqual([{ name: 'state', valueCode: 'released' }]);
    expect(await status(mother, '/Observation/discussed')).toBe(200);
    const history = await house.as(doctor, 'GET', '/Observation/discussed/_history');
    expect(history.json.entry).toHaveLength(2);
    const told = await house.as(doctor, 'GET', '/Provenance?target=Observation/discussed');
    expect(JSON.stringify(told.json)).toContain(doctor);
    expect((await release(doctor, 'discussed')).status).toBe(422);
    const rows = await house.store.query<{ entry: string }>('SELECT entry FROM audit_pending');
    const lines = rows.map(({ entry }) => JSON.parse(entry)).filter(({ detail }) => detail === 'release');
    expect(lines.map(({ person, status: answered, touched }) => [person, answered, touched])).toContainEqual([
      doctor,
      200,
      expect.arrayContaining(['Observation/discussed']),
    ]);
  });
});

describe('TH-66 what a privacy officer takes away', () => {
  test('TH-66 PP-31 needs the role, a code that is good once, and more than a write that leaves it out', async () => {
    const adol = { label: `${act}|ADOL` };
    expect(await put('system', observation('guarded', [label('ADOL')]))).toBe(201);
    expect(await put(officer, observation('guarded', []))).toBe(200);
    expect(await labelsOf('guarded')).toEqual(['ADOL']);
    expect((await release(doctor, 'guarded', adol)).status).toBe(403);
    expect((await release(officer, 'guarded', adol)).status).toBe(401);
    expect((await release(officer, 'guarded', { ...adol, 'second-factor': 'aaaa-bbbb-cccc' })).status).toBe(401);
    const code = codes.get(officer)?.pop() ?? '';
    const answer = await release(officer, 'guarded', { ...adol, 'second-factor': code });
    expect([answer.text, answer.status]).toEqual([answer.text, 200]);
    expect(await status(mother, '/Observation/guarded')).toBe(200);
    expect(await put(doctor, observation('guarded', [label('ADOL')]))).toBe(200);
    expect((await release(officer, 'guarded', { ...adol, 'second-factor': code })).status).toBe(401);
    expect(await status(mother, '/Observation/guarded')).toBe(404);
  });

  test('TH-66 waits for a second officer where the house wants two', async () => {
    await keepSecondPerson(house.store, true);
    const ask = (who: string, code: string) =>
      release(who, 'guarded', { label: `${act}|${code}`, 'second-factor': codes.get(who)?.pop() ?? '' });
    for (let again = 0; again < 2; again++) {
      const first = await ask(officer, 'ADOL');
      expect([first.status, first.json.parameter[0].valueCode]).toEqual([200, 'waiting']);
      expect(await status(mother, '/Observation/guarded')).toBe(404);
    }
    const second = await ask(deputy, 'ADOL');
    expect([second.text, second.json.parameter[0].valueCode]).toEqual([second.text, 'released']);
    expect(await status(mother, '/Observation/guarded')).toBe(200);
    await keepSecondPerson(house.store, false);
  });
});

describe('PP-31 a label that ends', () => {
  const later = '2026-11-24T12:00:00-05:00';

  test('PP-31 is not made to end earlier, nor one that has no end given one, nor one that cannot be read', async () => {
    expect(await put('system', observation('ending', [label('TBOO', later), label('ADOL')]))).toBe(201);
    const sooner = [label('TBOO', '2026-11-23T12:00:01-05:00'), label('ADOL', '2026-11-23T12:00:01-05:00')];
    expect(await put(doctor, observation('ending', sooner))).toBe(200);
    const kept = (await house.as(officer, 'GET', '/Observation/ending')).json.meta.security;
    expect(kept).toEqual(expect.arrayContaining([label('TBOO', later), label('ADOL')]));
    expect(await put('system', observation('vague', [label('TBOO', '2026-11-22')]))).toBe(201);
    expect(await put(doctor, observation('vague', []))).toBe(200);
    expect(await labelsOf('vague')).toEqual(['TBOO']);
  });

  test('PP-31 ends by itself, and what another label hides stays hidden', async () => {
    expect(await put('system', observation('alone', [label('TBOO', later)]))).toBe(201);
    expect(await status(mother, '/Observation/alone')).toBe(404);
    await expire();
    expect([await labelsOf('alone'), (await labelsOf('ending')).toSorted()]).toEqual([['TBOO'], ['ADOL', 'TBOO']]);
    house.at('2026-11-24T12:00:00-05:00');
    await expire();
    expect([await labelsOf('alone'), await labelsOf('ending')]).toEqual([undefined, ['ADOL']]);
    expect([await status(mother, '/Observation/alone'), await status(mother, '/Observation/ending')]).toEqual([
      200, 404,
    ]);
  });

  /** Runs what is queued for labels, as the worker does when the time has come. */
  async function expire(): Promise<void> {
    const handler = house.modules.flatMap(({ jobs = [] }) => jobs).find(({ kind }) => kind === 'privacy-label-expiry');
    const rows = await house.store.query<{ kind: string; key: string }>(
      `SELECT kind, key FROM job WHERE kind = 'privacy-label-expiry'`,
    );
    if (!handler) throw new Error('nobody takes labels away');
    expect(rows.length).toBeGreaterThan(0);
    for (const { kind, key } of rows)
      unwrap(
        await handler.run(
          { kind, key, payload: {}, attempt: 1 },
          { store: house.store, log: house.log, clock: house.clock },
        ),
      );
  }
});

describe('why a record is confidential', () => {
  test('PP-31 nobody of a family is told', async () => {
    for (const who of [mother, 'system'])
      expect([who, await status(who, '/Observation/ending/$labels')]).toEqual([who, 404]);
    expect(await status(doctor, '/Observation/never-was/$labels')).toBe(404);
  });

  test('PP-31 staff are told what each rests on, and who gave it, in the words of DS4P', async () => {
    const visit = {
      resourceType: 'Encounter',
      id: 'why-visit',
      meta: { security: [label('PHY')] },
      status: 'finished',
      class: { system: act, code: 'AMB' },
      subject: { reference: child },
    };
    expect(await put('system', visit as any)).toBe(201);
    const coded = {
      code: { coding: [{ system: 'http://loinc.org', code: '21613-5' }] },
      encounter: { reference: 'Encounter/why-visit' },
    };
    expect(await put('system', observation('why', [], coded))).toBe(201);
    expect(await put(doctor, observation('why', [label('ADOL')], coded))).toBe(200);
    expect(await put('system', observation('why', [label('ADOL')], { ...coded, status: 'amended' }))).toBe(200);
    const answer = await house.as(officer, 'GET', '/Observation/why/$labels');
    expect([answer.text, answer.status]).toEqual([answer.text, 200]);
    const said = answer.json.parameter[0].valueMeta.security.map((one: any) => [
      one.code,
      ...one.extension.map((extension: any) => [
        extension.url.slice(ds4p.length + 1),
        extension.valueCoding?.code,
        extension.valueCoding?.display,
        extension.valueReference?.reference ?? extension.valueReference?.display,
      ]),
    ]);
    const by = (code: string, rule: string, who: string) => [
      code,
      ['extension-sec-label-basis', 'careweave-default-3', rule, undefined],
      ['extension-sec-label-classifier', undefined, undefined, who],
    ];
    expect(said).toEqual([
      by('ADOL', 'adolescent-confidential: by its label', doctor),
      by('SEX', 'sexual-health: by a code in it', 'Careweave'),
      by('ADOL', 'adolescent-confidential: taken over from another record', 'Encounter/why-visit'),
    ]);
  });
});
