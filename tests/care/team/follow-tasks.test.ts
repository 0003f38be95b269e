import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCare } from '../../../src/care/care.ts';
import { createProvenance } from '../../../src/care/provenance/provenance.ts';
import { joinedBy } from '../../../src/care/team/participants.ts';
import { teamId } from '../../../src/care/team/team-content.ts';
import { loadDefinitions } from '../../../src/fhir/definitions.ts';
import { leadCoordinatorUrl } from '../../../src/fhir/plan-view/team.ts';
import type { r4 } from '../../../src/fhir/types.ts';
import { startHttp, type TestHttp } from '../../support/http.ts';
import * as a from '../support/child.ts';
import { enlist } from '../support/people.ts';

const now = { at: new Date('2026-03-06T15:00:00Z') };
const clock = { now: () => now.at };
const { module } = createCare({ clock });
const baseUrl = 'http://careweave.example/fhir';
const definitions = loadDefinitions(`${import.meta.dirname}/../../../build/fhir`);
const provenance = createProvenance({ definitions, clock, baseUrl });
/** Of records with this tag the test's store says that they are of a privacy category. */
const sensitive = { meta: { security: [{ system: 'x', code: 'SEX' }] } };
let http: TestHttp;
let child = '';
let made = 0;

beforeAll(async () => {
  const { checks = [], effects = [], conclusions = [], operations = [] } = module;
  const all = [...conclusions, ...(provenance.conclusions ?? [])];
  http = await startHttp(
    { operations },
    { checks, effects, conclusions: all, clock, categorize: ({ meta }) => (meta?.security ? 1n : 0n) },
  );
  await enlist(http.store, nurse, 'Practitioner/other', 'HealthcareService/x');
});
afterAll(() => http.close());

/** A child of its own for each test. */
function anotherChild(): string {
  made += 1;
  child = `kid-${made}`;
  return child;
}
const later = (minutes: number) => {
  now.at = new Date(now.at.getTime() + minutes * 60_000);
  return now.at.toISOString();
};
const nurse = 'Practitioner/nurse';
const because = {
  coding: [{ system: 'http://careweave.org/fhir/CodeSystem/ending-reason', code: 'other' }],
  text: 'Nobody there',
};
/** Somebody who may delete a Task: people may not (queue/). */
const janitor = { kind: 'system', id: 'test', requestId: 'test' } as const;
const task = (name: string, status: string, more: object = {}) =>
  a.task(`${child}-${name}`, 'Call', {
    status,
    owner: { reference: nurse },
    for: { reference: `Patient/${child}` },
    ...more,
  });
const write = (...resources: Parameters<typeof a.put>[2][]) => a.put(http.store, a.coordinator, ...resources);
const team = async () => {
  const stored = await http.store.read('CareTeam', teamId(child));
  return stored && !stored.deleted ? a.parsed<r4.CareTeam>(stored) : undefined;
};
const participants = async () => (await team())?.participant ?? [];
const byHand = (...participant: r4.CareTeamParticipant[]) =>
  write({
    resourceType: 'CareTeam',
    id: teamId(child),
    status: 'active',
    subject: { reference: `Patient/${child}` },
    participant,
  });

describe('who is not brought to the team', () => {
  test.each(['draft', 'requested', 'received', 'rejected', 'cancelled', 'completed', 'on-hold'])(
    'D8 the owner of a Task that is %s',
    async (status) => {
      anotherChild();
      await write(task('t', status, { statusReason: because }));
      expect(await team()).toBeUndefined();
    },
  );

  test.each(['RelatedPerson/mother', 'Patient/other', 'Device/pump', 'HealthcareService/x'])(
    'D8 %s by accepting',
    async (reference) => {
      anotherChild();
      await write(task('t', 'accepted', { owner: { reference } }));
      expect(await team()).toBeUndefined();
    },
  );

  test('D8 the owner of a hospital’s Task, nor anybody by the sync', async () => {
    anotherChild();
    await write(a.mirrored(task('mirror', 'accepted')));
    await a.put(http.store, a.syncActor, task('synced', 'accepted'));
    expect(await team()).toBeUndefined();
  });

  test('D8 the owner of a Task of a privacy category: the team would tell what it is about', async () => {
    anotherChild();
    await write(task('secret', 'accepted', sensitive));
    expect(await team()).toBeUndefined();
  });
});

describe('S1.10 dynamic care teams', () => {
  test('S1.10 accepting a referral adds the owner; closing the last Task ends the period, with Provenance', async () => {
    anotherChild();
    await write(a.request(`${child}-r`, 'Food', { subject: { reference: `Patient/${child}` } }));
    const referral = { focus: { reference: `ServiceRequest/${child}-r` } };
    await write(task('one', 'requested', referral));
    expect(await team()).toBeUndefined();
    const joined = later(5);
    await write(task('one', 'accepted', referral));
    expect(await participants()).toMatchObject([{ member: { reference: nurse }, period: { start: joined } }]);
    expect((await participants())[0]?.period?.end).toBeUndefined();
    later(5);
    await write(task('two', 'in-progress'));
    await write(task('one', 'completed', referral));
    expect(await participants()).toHaveLength(1);
    expect((await participants())[0]?.period?.end).toBeUndefined();
    const left = later(5);
    await write(task('two', 'failed', { statusReason: because }));
    expect(await participants()).toMatchObject([{ period: { start: joined, end: left } }]);
    const { json } = await http.send('GET', `/fhir/Provenance?target=CareTeam/${teamId(child)}`);
    expect(json.entry).toHaveLength(2);
  });

  test('S1.10 a team that is there gets the owner once, however often it is written', async () => {
    anotherChild();
    await byHand({ member: { reference: 'RelatedPerson/mother' }, role: [{ text: 'Mother' }] });
    await write(task('one', 'accepted'));
    await write(task('one', 'in-progress'), task('two', 'accepted'));
    await write(task('one', 'in-progress', { note: [{ text: 'x' }] }));
    expect((await participants()).map(({ member }) => member?.reference)).toEqual(['RelatedPerson/mother', nurse]);
  });

  test('S1.10 a hold after acceptance keeps the owner, a Task given to somebody else brings that one', async () => {
    anotherChild();
    await write(task('one', 'accepted'));
    await write(task('one', 'on-hold', { statusReason: { text: 'Waits' } }));
    expect((await participants())[0]?.period?.end).toBeUndefined();
    const moved = later(1);
    await write(task('one', 'in-progress', { owner: { reference: 'Practitioner/other' } }));
    expect(await participants()).toMatchObject([
      { member: { reference: nurse }, period: { end: moved } },
      { member: { reference: 'Practitioner/other' }, period: { start: moved } },
    ]);
  });

  test('S1.10 a deleted Task, and one that goes to another child, end it', async () => {
    const first = anotherChild();
    await write(task('one', 'accepted'), task('two', 'accepted'));
    const gone = await http.store.transact(janitor, (tx) => tx.delete('Task', `${first}-one`));
    expect(gone.ok).toBe(true);
    expect((await participants())[0]?.period?.end).toBeUndefined();
    await write({ ...task('two', 'accepted'), for: { reference: 'Patient/somebody-else' } });
    expect((await participants())[0]?.period?.end).toBeDefined();
  });

  test('S1.10 joins anew, with a period of its own, when something new is accepted', async () => {
    anotherChild();
    await write(task('one', 'accepted'));
    later(1);
    await write(task('one', 'completed'));
    later(1);
    await write(task('two', 'accepted'));
    expect((await participants()).map(({ period }) => period?.end !== undefined)).toEqual([true, false]);
  });

  test('S1.10 who came by hand, leads or is the primary care clinician stays when the Tasks end', async () => {
    for (const mark of [
      {},
      { extension: [{ url: leadCoordinatorUrl, valueBoolean: true }] },
      {
        role: [{ coding: [{ system: 'http://careweave.org/fhir/CodeSystem/care-team-role', code: 'primary-care' }] }],
      },
    ]) {
      anotherChild();
      await byHand({ member: { reference: nurse }, role: [{ text: 'Nurse' }], ...mark });
      await write(task('one', 'accepted'));
      await write(task('one', 'completed'));
      expect(await participants()).toHaveLength(1);
      expect((await participants())[0]?.period).toBeUndefined();
    }
  });

  test('S1.10 who came by a Task and then leads stays until a person changes it', async () => {
    anotherChild();
    await write(task('one', 'accepted'));
    const [one] = await participants();
    if (!one) throw new Error('nobody joined');
    await byHand({ ...one, extension: [...(one.extension ?? []), { url: leadCoordinatorUrl, valueBoolean: true }] });
    await write(task('one', 'completed'));
    expect((await participants())[0]?.period?.end).toBeUndefined();
  });

  test('S1.10 whom a person takes out no Task brings back, until a person does', async () => {
    anotherChild();
    await byHand({ member: { reference: 'RelatedPerson/mother' }, role: [{ text: 'Mother' }] });
    await write(task('one', 'accepted'));
    const [mother, joined] = await participants();
    if (!mother || !joined) throw new Error('nobody joined');
    await byHand(mother);
    await write(task('two', 'accepted'));
    expect(await participants()).toEqual([mother]);
    await byHand(mother, joined);
    expect((await participants()).map(joinedBy)).toEqual([undefined, `Task/${child}-one`]);
    await write(task('one', 'completed'), task('two', 'completed'));
    expect((await participants())[1]?.period?.end).toBeDefined();
    await write(task('three', 'accepted'));
    expect(await participants()).toHaveLength(3);
  });

  test('S1.10 a team that a person ended or deleted stays as it is', async () => {
    anotherChild();
    const ended: r4.CareTeam = {
      resourceType: 'CareTeam',
      id: teamId(child),
      status: 'inactive',
      subject: { reference: `Patient/${child}` },
      participant: [{ member: { reference: 'RelatedPerson/mother' }, role: [{ text: 'Mother' }] }],
    };
    await write({ ...ended });
    await write(task('one', 'accepted'));
    expect(await participants()).toHaveLength(1);
    await http.store.transact(a.coordinator, (tx) => tx.delete('CareTeam', teamId(child)));
    await write(task('two', 'accepted'));
    expect(await team()).toBeUndefined();
  });

  test('S1.10 two Tasks that end at the same moment end it once', async () => {
    anotherChild();
    await write(task('one', 'accepted'), task('two', 'accepted'));
    later(1);
    await Promise.all([write(task('one', 'completed')), write(task('two', 'completed'))]);
    const [one, ...more] = await participants();
    expect(more).toEqual([]);
    expect(one?.period?.end).toBe(now.at.toISOString());
    expect(await http.store.query('SELECT 1 FROM team_reason WHERE patient_id = $1', [child])).toEqual([]);
  });

  test('S1.10 a refused transaction changes no team', async () => {
    anotherChild();
    const refused = await a.tryPut(
      http.store,
      a.coordinator,
      task('one', 'accepted'),
      task('two', 'accepted', { focus: { reference: 'ServiceRequest/not-here' }, intent: 'order' }),
    );
    expect(refused.ok).toBe(false);
    expect(await team()).toBeUndefined();
    expect(await http.store.query('SELECT 1 FROM team_reason WHERE patient_id = $1', [child])).toEqual([]);
  });
});

describe('CareTeam/[id]/$timeline', () => {
  test('tells who joined and left, when and by what, oldest first', async () => {
    anotherChild();
    await byHand({ member: { reference: 'RelatedPerson/mother' }, role: [{ text: 'Mother' }] });
    const joined = later(1);
    await write(task('one', 'accepted'));
    const left = later(1);
    await write(task('one', 'completed'));
    const { status, json } = await http.send('GET', `/fhir/CareTeam/${teamId(child)}/$timeline`);
    expect(status).toBe(200);
    const told = json.parameter.map(({ part }: { part: any[] }) =>
      Object.fromEntries(part.map(({ name, ...value }) => [name, Object.values(value)[0]])),
    );
    expect(told).toMatchObject([
      { kind: 'joined', member: { reference: 'RelatedPerson/mother' } },
      { kind: 'joined', at: joined, member: { reference: nurse }, because: { reference: `Task/${child}-one` } },
      { kind: 'left', at: left, member: { reference: nurse } },
    ]);
    expect(told[0].at).toBeUndefined();
  });

  test('a team that is not there and one that may not be seen are the same', async () => {
    const absent = await http.send('GET', '/fhir/CareTeam/no-such/$timeline', { as: 'child-a' });
    const hidden = await http.send('GET', `/fhir/CareTeam/${teamId(child)}/$timeline`, { as: 'child-a' });
    expect([absent.status, hidden.status]).toEqual([404, 404]);
    expect(hidden.json.issue).toEqual(absent.json.issue);
  });
});
