import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ok } from '../../../src/base/errors.ts';
import { careManagementFlagId } from '../../../src/care/program/keep-flag.ts';
import { teamId } from '../../../src/care/team/team-content.ts';
import * as a from '../support/child.ts';
import { consent, openPrograms, type Programs } from './town.ts';

let at: Programs;
beforeAll(async () => {
  at = await openPrograms();
});
afterAll(() => at.close());

const on = (day: string) => {
  at.now.at = new Date(`${day}T12:00:00Z`);
};
const enroll = async (child: string, program: string, manager: string, more: Record<string, string> = {}) => {
  const answer = await at.post(`Patient/${child}/$enroll`, {
    program: `HealthcareService/${program}`,
    status: 'active',
    careManager: `PractitionerRole/${manager}`,
    consent: `Consent/yes-${child}`,
    ...more,
  });
  expect(answer.status).toBe(200);
  return answer.json.id as string;
};
const episode = (id: string) => at.resource('EpisodeOfCare', id);
const reasonOf = ({ extension }: any) =>
  extension.find(({ url }: any) => url.endsWith('/enrollment-reason'))?.valueCodeableConcept;
const served = async (child: string, day: string) => {
  const { json } = await at.send('GET', `/fhir/Patient/${child}/$who-served?date=${day}`);
  return json.parameter
    .filter(({ name }: any) => name === 'service')
    .map(({ part }: any) => Object.fromEntries(part.map(({ name, ...value }: any) => [name, Object.values(value)[0]])));
};

describe('S0.5 the family takes back its consent', () => {
  test('S0.5 the enrollment that rests on it ends in the same transaction, the plan stays readable, and $who-served says so', async () => {
    on('2026-05-01');
    const child = await at.child();
    const id = await enroll(child, 'regional', 'gus-regional');
    const plan = a.hospitalPlan(`plan-${child}`, { subject: { reference: `Patient/${child}` } });
    await at.put(plan);
    on('2026-05-20');
    await at.put(consent(child, { status: 'inactive' }));
    const ended = await episode(id);
    expect(ended).toMatchObject({ status: 'finished', period: { start: '2026-05-01', end: '2026-05-20' } });
    expect(reasonOf(ended)).toEqual({
      coding: [{ system: 'http://careweave.org/fhir/CodeSystem/enrollment-reason', code: 'withdrew' }],
      text: 'The family has taken back its consent.',
    });
    expect(ended.statusHistory.at(-1)).toMatchObject({ status: 'active', period: { end: '2026-05-20' } });
    expect((await at.resource('Flag', careManagementFlagId(id))).status).toBe('inactive');
    const team = await at.resource('CareTeam', teamId(child));
    expect(team.participant[0].period.end).toBeDefined();
    expect((await at.send('GET', `/fhir/CarePlan/plan-${child}`)).status).toBe(200);
    expect(await served(child, '2026-05-19')).toMatchObject([{ status: 'active' }]);
    expect(await served(child, '2026-05-20')).toMatchObject([
      { status: 'finished', ended: '2026-05-20', reason: 'withdrew' },
    ]);
    expect(await served(child, '2026-05-21')).toEqual([]);
    const { json } = await at.send('GET', `/fhir/Task?patient=Patient/${child}`);
    expect(json.entry.map(({ resource }: any) => resource)).toMatchObject([
      { code: { coding: [{ code: 'consent-withdrawn' }] }, owner: { reference: 'PractitionerRole/gus-regional' } },
    ]);
  });

  test.each([
    ['denied', (child: string) => consent(child, { provision: { type: 'deny' } }), 'withdrew'],
    ['for something else', (child: string) => consent(child, { category: [{ text: 'Photos' }] }), 'withdrew'],
    ['recorded in error', (child: string) => consent(child, { status: 'entered-in-error' }), 'other'],
  ])('S0.5 so it does when the consent is now %s', async (_, changed, reason) => {
    const child = await at.child();
    const id = await enroll(child, 'regional', 'luz-regional');
    await at.put(changed(child));
    const ended = await episode(id);
    expect([ended.status, reasonOf(ended).coding[0].code]).toEqual(['finished', reason]);
  });

  test('S0.5 when it is deleted too; another consent, and what had ended or had not begun, is left alone', async () => {
    const child = await at.child();
    const planned = await at.post(`Patient/${child}/$enroll`, { program: 'HealthcareService/embedded' });
    const id = await enroll(child, 'regional', 'luz-regional');
    await at.put({ ...consent(child), id: `other-${child}` });
    await at.put({ ...consent(child, { status: 'inactive' }), id: `other-${child}` });
    await at.put(consent(child, { dateTime: '2026-02-01' }));
    expect((await episode(id)).status).toBe('active');
    const removed = await at.send('DELETE', `/fhir/Consent/yes-${child}`);
    expect(removed.status).toBeLessThan(300);
    expect((await episode(id)).status).toBe('finished');
    expect((await episode(planned.json.id)).status).toBe('planned');
    const version = (await episode(id)).meta.versionId;
    await at.put(consent(child));
    await at.put(consent(child, { status: 'inactive' }));
    expect((await episode(id)).meta.versionId).toBe(version);
  });

  test('S0.5 a consent that is replaced in the same transaction ends nothing', async () => {
    const child = await at.child();
    const id = await enroll(child, 'regional', 'luz-regional');
    const now = await episode(id);
    const extension = now.extension.map((one: any) =>
      one.url.endsWith('/enrollment-consent') ? { ...one, valueReference: { reference: `Consent/new-${child}` } } : one,
    );
    await at.put({ ...consent(child), id: `new-${child}` }, consent(child, { status: 'inactive' }), {
      ...now,
      extension,
    });
    expect((await episode(id)).status).toBe('active');
  });

  test('S0.5 nobody who leads several programs holds up a family that takes back its consent to one', async () => {
    const child = await at.child();
    const consentTo = (name: string) => ({ ...consent(child), id: `${name}-${child}` });
    await at.put(consentTo('b'), consentTo('c'));
    const lead = { lead: 'PractitionerRole/gus-regional' };
    const first = await enroll(child, 'regional', 'gus-regional');
    on('2026-06-02');
    const second = await enroll(child, 'embedded', 'gus-embedded', { consent: `Consent/b-${child}`, ...lead });
    on('2026-06-03');
    const third = await enroll(child, 'vendor', 'vera-vendor', { consent: `Consent/c-${child}`, ...lead });
    await at.put(consent(child, { status: 'inactive' }));
    const states = await Promise.all([first, second, third].map(async (id) => (await episode(id)).status));
    expect(states).toEqual(['finished', 'active', 'active']);
    const team = await at.resource('CareTeam', teamId(child));
    const leads = team.participant.filter(
      ({ extension = [], period }: any) =>
        period?.end === undefined && extension.some(({ url }: any) => url.endsWith('/lead-coordinator')),
    );
    expect(leads.map(({ member }: any) => member.reference)).toEqual(['PractitionerRole/gus-embedded']);
  });
});

describe('S0.5 the time of the consent runs out', () => {
  const until = (child: string, end: string) => consent(child, { provision: { type: 'permit', period: { end } } });
  const wakes = async () =>
    (
      await at.store.query<{ run_at: Date }>(
        `SELECT run_at FROM job WHERE kind = 'care.consent-end' AND state = 'ready'`,
      )
    )
      .map(({ run_at }) => run_at.toISOString())
      .at(0);
  const tasksOf = async (child: string) => {
    const { json } = await at.send('GET', `/fhir/Task?patient=Patient/${child}`);
    return (json.entry ?? []).map(({ resource }: any) => [resource.code.coding[0].code, resource.owner?.reference]);
  };

  test('S0.5 nobody is enrolled on a consent whose time is over, or has not begun', async () => {
    on('2026-07-01');
    const child = await at.child();
    for (const period of [{ end: '2026-06-30' }, { start: '2026-07-02', end: '2026-12-31' }]) {
      await at.put(consent(child, { provision: { type: 'permit', period } }));
      const answer = await at.post(`Patient/${child}/$enroll`, {
        program: 'HealthcareService/regional',
        status: 'active',
        careManager: 'PractitionerRole/gus-regional',
        consent: `Consent/yes-${child}`,
      });
      expect([answer.status, answer.text]).toEqual([422, expect.stringMatching(/time of this one .* is over/)]);
    }
    // The house wakes when the first of them is over.
    expect(await wakes()).toBe('2026-07-01T00:00:00.000Z');
  });

  test('S0.5 the enrollment runs through the last day and ends with it, once, and the manager is told', async () => {
    on('2026-07-01');
    const child = await at.child();
    await at.put(until(child, '2026-07-31'));
    const id = await enroll(child, 'regional', 'luz-regional');
    at.now.at = new Date('2026-07-31T23:59:59Z');
    await at.run('care.consent-end');
    expect((await episode(id)).status).toBe('active');
    at.now.at = new Date('2026-08-01T00:00:00Z');
    await at.run('care.consent-end');
    const ended = await episode(id);
    expect(ended).toMatchObject({ status: 'finished', period: { start: '2026-07-01', end: '2026-07-31' } });
    expect(reasonOf(ended).coding[0].code).toBe('consent-ended');
    expect((await at.resource('Flag', careManagementFlagId(id))).status).toBe('inactive');
    expect((await at.resource('Consent', `yes-${child}`)).status).toBe('active');
    expect(await tasksOf(child)).toEqual([['consent-ended', 'PractitionerRole/luz-regional']]);
    const version = ended.meta.versionId;
    await at.run('care.consent-end');
    expect((await episode(id)).meta.versionId).toBe(version);
    expect(await tasksOf(child)).toHaveLength(1);
  });

  test('S0.5 one that is prolonged in time ends nothing; one that is written down as over ends at once', async () => {
    on('2026-07-01');
    const child = await at.child();
    await at.put(until(child, '2026-07-31'));
    const id = await enroll(child, 'regional', 'luz-regional');
    await at.put(until(child, '2026-08-31'));
    on('2026-08-05');
    await at.run('care.consent-end');
    expect((await episode(id)).status).toBe('active');
    await at.put(until(child, '2026-08-04'));
    expect(await episode(id)).toMatchObject({ status: 'finished', period: { end: '2026-08-04' } });
    expect(await tasksOf(child)).toEqual([['consent-ended', 'PractitionerRole/luz-regional']]);
  });

  test('S0.5 consents from before are looked at too: what is over ends, what is not keeps its day', async () => {
    on('2026-07-01');
    const [first, second] = [await at.child(), await at.child()];
    const other = await at.child();
    const ids = [];
    for (const child of [first, second, other]) {
      await at.put(until(child, child === second ? '2026-09-30' : '2026-07-31'));
      if (child !== other) ids.push(await enroll(child, 'own', 'gus-regional'));
    }
    // As the migration leaves them.
    const names = [first, second, other].map((child) => `yes-${child}`);
    await at.store.transact({ kind: 'system', id: 'test', requestId: 'test' }, async (tx) => {
      await tx.own.query(`UPDATE consent_end SET ends_at = '2000-01-01' WHERE consent_id = ANY ($1)`, [names]);
      return ok(undefined);
    });
    on('2026-08-02');
    await at.run('care.consent-end');
    expect(await Promise.all(ids.map(async (id) => (await episode(id)).status))).toEqual(['finished', 'active']);
    expect(await tasksOf(other)).toEqual([]);
    const rows = await at.store.query<{ consent_id: string; ends_at: Date }>(
      'SELECT consent_id, ends_at FROM consent_end WHERE consent_id = ANY ($1)',
      [names],
    );
    expect(rows).toEqual([{ consent_id: names[1], ends_at: new Date('2026-10-01T00:00:00Z') }]);
  });
});
