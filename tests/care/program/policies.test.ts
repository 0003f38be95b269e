import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { enrollmentOf } from '../../../src/care/program/enrollment.ts';
import { mayAct } from '../../../src/care/program/may-act.ts';
import { moved, plannedEnrollment } from '../../../src/care/program/moved.ts';
import type { PolicyAct } from '../../../src/care/program/policies.ts';
import type { Actor } from '../../../src/store/types.ts';
import * as a from '../support/child.ts';
import { openPrograms, type Programs } from './town.ts';

let at: Programs;
beforeAll(async () => {
  at = await openPrograms();
});
afterAll(() => at.close());

const canonical = 'http://careweave.org/fhir';
const user = (id: string): Actor => ({ kind: 'user', id, requestId: 'test' });
const client: Actor = { kind: 'client', id: 'house', requestId: 'test' };
const policy = (act: string, who: string, period?: object) => ({
  url: `${canonical}/StructureDefinition/program-policy`,
  extension: [
    { url: 'act', valueCode: act },
    { url: 'who', valueReference: { reference: who } },
    ...(period ? [{ url: 'period', valuePeriod: period }] : []),
  ],
});
const say = async (actor: Actor, id: string, ...extension: object[]) =>
  a.tryPut(at.store, actor, { ...(await at.resource('HealthcareService', id)), extension });
const on = (day: string) => {
  at.now.at = new Date(`${day}T12:00:00Z`);
};
const answered = async (id: string, date: string) => {
  const { json } = await at.send('GET', `/fhir/HealthcareService/${id}/$policies?date=${date}`);
  const acts: Record<string, unknown> = {};
  for (const { name, part } of json.parameter.filter((one: any) => one.name === 'policy')) {
    const of = (wanted: string) => part.filter((one: any) => one.name === wanted);
    const who = of('who').map((one: any) => one.valueReference.reference);
    acts[of('act')[0].valueCode] = [
      of('stated')[0].valueBoolean,
      of('anybody')[0].valueBoolean ? name && 'anybody' : who,
    ];
  }
  return acts;
};
const enrollAs = async (actor: Actor, child: string, programId: string) => {
  const today = at.now.at.toISOString().slice(0, 10);
  const organization = 'Organization/vendor';
  const planned = plannedEnrollment({ patientId: child, programId, organization, eligibleFrom: today });
  const wanted = { status: 'active' as const, on: today, consent: `Consent/yes-${child}` };
  const episode = moved(planned, { ...wanted, manager: 'PractitionerRole/vera-vendor' });
  return a.tryPut(at.store, actor, { ...episode, id: `e-${child}` });
};

describe('D12 who may enroll and who sees costs is on the program’s record', () => {
  test('D12 a policy that nobody understands is refused', async () => {
    const refused = async (...extension: object[]) => a.refusedBy(await say(client, 'vendor', ...extension));
    expect(await refused(policy('fire', 'Organization/vendor'))).toBe('care-management-program');
    expect(await refused(policy('enroll', 'Patient/x'))).toBe('care-management-program');
    const backwards = { start: '2026-05-02', end: '2026-05-01' };
    expect(await refused(policy('enroll', 'Organization/vendor', backwards))).toBe('care-management-program');
  });

  test('D12 a person outside is refused with a sentence, one of the organization enrolls, and what ends is nobody’s to hold up', async () => {
    expect((await enrollAs(user('Practitioner/gus'), await at.child(), 'vendor')).ok).toBe(true);
    expect((await say(client, 'vendor', policy('enroll', 'Organization/vendor'))).ok).toBe(true);
    const child = await at.child();
    const outside = await enrollAs(user('Practitioner/gus'), child, 'vendor');
    expect(a.refusedBy(outside)).toBe('program-policy');
    expect(JSON.stringify(outside)).toMatch(/says who may enroll children in it .* you are not among them/);
    expect((await at.send('GET', `/fhir/EpisodeOfCare/e-${child}`)).status).toBe(404);
    expect((await enrollAs(user('Practitioner/vera'), child, 'vendor')).ok).toBe(true);
    expect((await enrollAs(client, await at.child(), 'vendor')).ok).toBe(true);
    const running = await at.resource('EpisodeOfCare', `e-${child}`);
    const today = at.now.at.toISOString().slice(0, 10);
    const ended = moved(running, { status: 'finished', reason: 'graduated', on: today });
    expect(enrollmentOf({ ...ended })?.status).toBe('finished');
    expect((await a.tryPut(at.store, user('Practitioner/gus'), { ...ended })).ok).toBe(true);
  });

  test('D12 who may is answerable for any date', async () => {
    on('2026-05-01');
    const spring = { start: '2026-01-01', end: '2026-04-30' };
    await say(client, 'regional', policy('enroll', 'Organization/practice', spring));
    on('2026-05-10');
    await say(
      user('Practitioner/gus'),
      'regional',
      policy('enroll', 'Organization/practice', spring),
      policy('enroll', 'Organization/aco', { start: '2026-05-01' }),
      policy('see-costs', 'PractitionerRole/luz-regional'),
    );
    expect(await answered('regional', '2025-12-31')).toMatchObject({ enroll: [true, []] });
    expect(await answered('regional', '2026-04-30')).toMatchObject({ enroll: [true, ['Organization/practice']] });
    expect(await answered('regional', '2026-05-09')).toEqual({
      enroll: [true, ['Organization/aco']],
      'edit-core': [false, ['Organization/aco']],
      'see-costs': [false, ['Organization/aco']],
    });
    expect(await answered('regional', '2026-05-10')).toMatchObject({
      'see-costs': [true, ['PractitionerRole/luz-regional']],
    });
    expect(await answered('embedded', '2026-05-10')).toMatchObject({ enroll: [false, 'anybody'] });
    expect((await at.send('GET', '/fhir/HealthcareService/embedded/$policies?date=soon')).status).toBe(400);
  });

  test('D12 policies are changed by people of whom the program belongs to', async () => {
    await say(client, 'embedded', policy('enroll', 'Organization/aco'));
    const opened = await say(user('Practitioner/vera'), 'embedded', policy('enroll', 'Organization/vendor'));
    expect(a.refusedBy(opened)).toBe('care-management-program');
    expect((await say(user('Practitioner/gus'), 'embedded')).ok).toBe(true);
  });

  test.each([
    ['a role that is named', 'Practitioner/luz', 'see-costs', true],
    ['a colleague who is not', 'Practitioner/gus', 'see-costs', false],
    ['a family member', 'RelatedPerson/mother', 'see-costs', false],
    ['somebody of the owner, where nothing is said', 'Practitioner/gus', 'edit-core', true],
    ['somebody else, where nothing is said', 'Practitioner/vera', 'edit-core', false],
  ])('D12 who sees costs and edits the core: %s', async (_, person, act, may) => {
    const program = await at.resource('HealthcareService', 'regional');
    expect(await mayAct(at.store, user(person), program, act as PolicyAct, at.now.at)).toBe(may);
  });
});
