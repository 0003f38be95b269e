import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { careManagementFlagId } from '../../../src/care/program/keep-flag.ts';
import { waitlistId } from '../../../src/care/program/keep-waitlist.ts';
import { movesFrom, type Status } from '../../../src/care/program/moves.ts';
import { teamId } from '../../../src/care/team/team-content.ts';
import * as a from '../support/child.ts';
import { consent, openPrograms, type Programs } from './town.ts';

let at: Programs;
beforeAll(async () => {
  at = await openPrograms();
});
afterAll(() => at.close());

const regional = { program: 'HealthcareService/regional' };
const enroll = (child: string, more: Record<string, string> = {}) =>
  at.post(`Patient/${child}/$enroll`, { ...regional, ...more });
const active = (child: string) => ({
  status: 'active',
  careManager: 'PractitionerRole/gus-regional',
  consent: `Consent/yes-${child}`,
});
const move = (id: string, more: Record<string, string>) => at.post(`EpisodeOfCare/${id}/$move-enrollment`, more);
const why = ({ json }: { json: any }) => json.issue?.[0]?.diagnostics ?? json.issue?.[0]?.details?.text;
const on = (day: string) => {
  at.now.at = new Date(`${day}T12:00:00Z`);
};

describe('D11 the life cycle of an enrollment', () => {
  test('D11 refuses what lacks something, and names from, to and what is missing', async () => {
    const child = await at.child();
    const nothing = await at.send('POST', '/fhir/EpisodeOfCare', {
      body: {
        resourceType: 'EpisodeOfCare',
        status: 'planned',
        type: [{ coding: [{ system: 'http://careweave.org/fhir/CodeSystem/episode-type', code: 'care-management' }] }],
        patient: { reference: `Patient/${child}` },
      },
    });
    expect(nothing.status).toBe(422);
    expect(why(nothing)).toMatch(
      /enrollment-move: An enrollment to planned lacks the program.*eligible-from.*managingOrganization/,
    );
    const planned = await enroll(child);
    expect(planned.status).toBe(200);
    const bare = await move(planned.json.id, { status: 'active' });
    expect(bare.status).toBe(422);
    expect(why(bare)).toMatch(/from planned to active lacks careManager, the consent/);
    const other = await at.child();
    const wrong = await move(planned.json.id, { ...active(child), consent: `Consent/yes-${other}` });
    expect(why(wrong)).toMatch(/from planned to active lacks the family’s consent/);
    await at.put(consent(other, { status: 'inactive' }));
    const elsewhere = await enroll(other, active(other));
    expect(why(elsewhere)).toMatch(/consent/);
    expect((await enroll(child, { program: 'HealthcareService/no-such' })).status).toBe(422);
    expect((await move(planned.json.id, { status: 'unheard-of' })).status).toBe(400);
    expect((await at.resource('EpisodeOfCare', planned.json.id)).status).toBe('planned');
  });

  test('D11 every move that is not in the table is refused, and every one that is is taken', async () => {
    const routes: Partial<Record<Status, [Status, ...Status[]] | []>> = {
      planned: [],
      waitlist: ['waitlist'],
      active: ['active'],
      onhold: ['active', 'onhold'],
      finished: ['active', 'finished'],
      cancelled: ['cancelled'],
    };
    const reason: Partial<Record<Status, string>> = {
      onhold: 'away',
      finished: 'graduated',
      cancelled: 'not-eligible',
    };
    const step = (child: string, id: string, to: Status) => {
      const needs = to === 'active' ? active(child) : {};
      const because = reason[to];
      return move(id, { ...needs, status: to, ...(because && { reason: because }) });
    };
    const wrong: string[] = [];
    for (const [from, route] of Object.entries(routes) as [Status, Status[]][]) {
      for (const to of ['planned', 'waitlist', 'active', 'onhold', 'finished', 'cancelled'] as Status[]) {
        if (to === from) continue;
        const child = await at.child();
        const { json } = await enroll(child);
        for (const one of route) expect((await step(child, json.id, one)).status).toBe(200);
        const { status } = await step(child, json.id, to);
        if ((status === 200) !== movesFrom(from).includes(to)) wrong.push(`${from} to ${to}: ${status}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(movesFrom('planned')).toEqual(['waitlist', 'active', 'cancelled', 'entered-in-error']);
    expect(movesFrom('finished')).toEqual(['entered-in-error']);
  });

  test('D11 eligible-from and enrolled-from are two facts, and neither changes', async () => {
    on('2026-05-01');
    const child = await at.child();
    const { json } = await enroll(child, { ...active(child), eligibleFrom: '2026-02-01' });
    expect(json.extension).toContainEqual({
      url: 'http://careweave.org/fhir/StructureDefinition/eligible-from',
      valueDate: '2026-02-01',
    });
    expect(json.period).toEqual({ start: '2026-05-01' });
    expect(json.statusHistory).toEqual([{ status: 'planned', period: { start: '2026-02-01', end: '2026-05-01' } }]);
    const put = (body: object) => at.send('PUT', `/fhir/EpisodeOfCare/${json.id}`, { body });
    const earlier = json.extension.map((one: any) => (one.valueDate ? { ...one, valueDate: '2026-01-01' } : one));
    expect(why(await put({ ...json, extension: earlier }))).toMatch(/eligible-from does not change/);
    expect(why(await put({ ...json, period: { start: '2026-03-01' } }))).toMatch(/enrolled-from/);
    expect(why(await put({ ...json, statusHistory: undefined }))).toMatch(/enrollment-history/);
    expect(why(await put({ ...json, type: undefined, extension: undefined }))).toMatch(/stays one/);
    expect(why(await put({ ...json, status: 'finished', period: { start: '2026-05-01', end: '2026-05-02' } }))).toMatch(
      /says why/,
    );
    expect((await at.resource('EpisodeOfCare', json.id)).meta.versionId).toBe('1');
  });

  test('D11 the plain API moves on with the entry of the status before', async () => {
    on('2026-05-03');
    const child = await at.child();
    const { json } = await enroll(child, { eligibleFrom: '2026-05-01' });
    const put = (body: object) => at.send('PUT', `/fhir/EpisodeOfCare/${json.id}`, { body });
    const waiting = { ...json, status: 'waitlist' };
    expect(why(await put(waiting))).toMatch(/moves on from planned, statusHistory keeps its entries and gets one more/);
    const told = {
      ...waiting,
      statusHistory: [{ status: 'planned', period: { start: '2026-05-01', end: '2026-05-03' } }],
    };
    const future = {
      ...told,
      statusHistory: [{ status: 'planned', period: { start: '2026-05-01', end: '2026-06-03' } }],
    };
    expect(why(await put(future))).toMatch(/none ends later than today/);
    expect((await put(told)).status).toBe(200);
  });

  test('S0.5 decline keeps the child in the eligible pool with a decline reason; who comes back is enrolled anew', async () => {
    const child = await at.child();
    const { json } = await enroll(child);
    const silent = await move(json.id, { status: 'cancelled', reason: 'declined' });
    expect(why(silent)).toMatch(/declined is said in words/);
    const declined = await move(json.id, {
      status: 'cancelled',
      reason: 'declined',
      reasonText: 'Wants no more calls',
    });
    expect(declined.status).toBe(200);
    expect(why(await move(json.id, active(child)))).toMatch(/cancelled does not become active.*enroll the child anew/);
    expect((await enroll(child, active(child))).status).toBe(200);
  });

  test('S0.5 graduation ends CareTeam periods but keeps the plan readable', async () => {
    on('2026-05-04');
    const child = await at.child();
    await at.put({
      resourceType: 'CarePlan',
      id: `plan-${child}`,
      status: 'active',
      intent: 'plan',
      subject: { reference: `Patient/${child}` },
    });
    const { json } = await enroll(child, active(child));
    const participants = async () => (await at.resource('CareTeam', teamId(child))).participant;
    expect(await participants()).toMatchObject([
      { member: { reference: 'PractitionerRole/gus-regional' }, role: [{ text: 'Care manager' }] },
    ]);
    expect((await participants())[0].period.end).toBeUndefined();
    expect((await move(json.id, { status: 'finished', reason: 'lost-to-follow-up' })).status).toBe(422);
    const graduated = await move(json.id, { status: 'finished', reason: 'graduated' });
    expect(graduated.json.period).toEqual({ start: '2026-05-04', end: '2026-05-04' });
    expect((await participants())[0].period.end).toBe(at.now.at.toISOString());
    expect((await at.send('GET', `/fhir/CarePlan/plan-${child}`)).json.status).toBe('active');
  });

  test('D11 a refused move leaves nothing behind', async () => {
    const child = await at.child();
    const { status } = await enroll(child, { status: 'active', careManager: 'PractitionerRole/gus-regional' });
    expect(status).toBe(422);
    expect((await at.send('GET', `/fhir/EpisodeOfCare?patient=Patient/${child}`)).json.total ?? 0).toBe(0);
    expect((await at.send('GET', `/fhir/CareTeam/${teamId(child)}`)).status).toBe(404);
    expect(await at.store.query('SELECT 1 FROM enrollment WHERE patient_id = $1', [child])).toEqual([]);
  });

  test('D11 an enrollment is not deleted, only marked as an error, and then leaves nothing in force', async () => {
    const child = await at.child();
    const { json } = await enroll(child, active(child));
    const gone = await at.send('DELETE', `/fhir/EpisodeOfCare/${json.id}`);
    expect([gone.status, why(gone)]).toEqual([422, expect.stringMatching(/is not deleted/)]);
    expect((await move(json.id, { status: 'entered-in-error' })).status).toBe(200);
    expect((await at.resource('Flag', careManagementFlagId(json.id))).status).toBe('entered-in-error');
    expect((await at.resource('CareTeam', teamId(child))).participant[0].period.end).toBeDefined();
    expect((await at.send('DELETE', `/fhir/EpisodeOfCare/${json.id}`)).status).toBe(204);
  });

  test('D11 a care manager who hands over is kept with the period', async () => {
    on('2026-05-05');
    const child = await at.child();
    const { json } = await enroll(child, active(child));
    on('2026-06-05');
    const unsaid = await at.send('PUT', `/fhir/EpisodeOfCare/${json.id}`, {
      body: { ...json, careManager: { reference: 'PractitionerRole/luz-regional' } },
    });
    expect(why(unsaid)).toMatch(/former-care-manager/);
    const handed = await move(json.id, { careManager: 'PractitionerRole/luz-regional' });
    expect(handed.status).toBe(200);
    const current = (await at.resource('CareTeam', teamId(child))).participant;
    expect(current.map((one: any) => [one.member.reference, one.period.end !== undefined])).toEqual([
      ['PractitionerRole/gus-regional', true],
      ['PractitionerRole/luz-regional', false],
    ]);
  });
});

describe('the waiting list', () => {
  test('keeps the order in which children began to wait, people may change it, and nobody is lost from it', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const child = await at.child();
      ids.push((await enroll(child, { program: 'HealthcareService/embedded', status: 'waitlist' })).json.id);
    }
    const list = async () => at.resource('List', waitlistId('embedded'));
    const order = async () => (await list()).entry?.map((one: any) => one.item.reference.split('/')[1]);
    expect(await order()).toEqual(ids);
    const current = await list();
    const put = (entry: object[]) => at.send('PUT', `/fhir/List/${current.id}`, { body: { ...current, entry } });
    expect((await put([...current.entry].reverse())).status).toBe(200);
    expect(await order()).toEqual([...ids].reverse());
    expect(why(await put(current.entry.slice(1)))).toMatch(/waitlist: /);
    const child = (await at.resource('EpisodeOfCare', ids[1] ?? '')).patient.reference.split('/')[1];
    await move(ids[1] ?? '', { ...active(child), careManager: 'PractitionerRole/gus-embedded' });
    expect(await order()).toEqual([ids[2], ids[0]]);
  });
});

describe('the banner’s Flag', () => {
  test('D11 it is made and ended with the enrollment, and nobody writes it by hand', async () => {
    on('2026-05-06');
    const child = await at.child();
    const { json } = await enroll(child);
    const flag = () => at.send('GET', `/fhir/Flag/${careManagementFlagId(json.id)}`);
    expect((await flag()).status).toBe(404);
    await move(json.id, active(child));
    expect((await flag()).json).toMatchObject({
      status: 'active',
      subject: { reference: `Patient/${child}` },
      period: { start: '2026-05-06' },
      code: { text: 'In care management: Program regional' },
    });
    const mine = (await flag()).json;
    const put = await at.send('PUT', `/fhir/Flag/${mine.id}`, { body: { ...mine, status: 'inactive' } });
    expect([put.status, why(put)]).toEqual([422, expect.stringMatching(/care-management-flag/)]);
    expect((await at.send('DELETE', `/fhir/Flag/${mine.id}`)).status).toBe(422);
    await move(json.id, { status: 'onhold', reason: 'in-hospital' });
    expect((await flag()).json.status).toBe('active');
    await move(json.id, { status: 'finished', reason: 'graduated' });
    expect((await flag()).json).toMatchObject({ status: 'inactive', period: { end: '2026-05-06' } });
  });
});

describe('word to primary care', () => {
  test('S4.8 the clinician is told in the transaction that enrolls; without one a Task is nobody’s', async () => {
    const child = await at.child();
    const { json } = await enroll(child, active(child));
    const told = (await at.send('GET', `/fhir/Communication?subject=Patient/${child}`)).json.entry;
    expect(told).toHaveLength(1);
    expect(told[0].resource).toMatchObject({
      status: 'in-progress',
      sent: at.now.at.toISOString(),
      recipient: [{ reference: 'Practitioner/pcp' }],
      about: [{ reference: `EpisodeOfCare/${json.id}` }],
    });
    expect(told[0].resource.payload[0].contentString).toMatch(/Program regional.*Gus Whitfield, \+1-555/);
    await move(json.id, { status: 'onhold', reason: 'away' });
    await move(json.id, active(child));
    expect((await at.send('GET', `/fhir/Communication?subject=Patient/${child}`)).json.entry).toHaveLength(1);
    const orphan = await at.child({ generalPractitioner: undefined });
    await enroll(orphan, active(orphan));
    const [task] = (await at.send('GET', `/fhir/Task?patient=Patient/${orphan}`)).json.entry;
    expect(task.resource).toMatchObject({ status: 'requested', code: { coding: [{ code: 'name-primary-care' }] } });
    expect(task.resource.owner).toBeUndefined();
  });
});

describe('by referral', () => {
  const refer = async (child: string, more: object = {}) => {
    await at.put({
      resourceType: 'ServiceRequest',
      id: `r-${child}`,
      status: 'active',
      intent: 'order',
      code: { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/care-service', code: 'care-management' }] },
      subject: { reference: `Patient/${child}` },
      authoredOn: '2026-03-10T08:00:00Z',
      performer: [{ reference: 'HealthcareService/regional' }],
      ...more,
    });
    return a.task(`t-${child}`, 'Care management', {
      intent: 'order',
      focus: { reference: `ServiceRequest/r-${child}` },
      for: { reference: `Patient/${child}` },
      owner: { reference: 'PractitionerRole/gus-regional' },
      requester: { reference: 'Practitioner/pcp' },
    });
  };
  const episodes = async (child: string) =>
    ((await at.send('GET', `/fhir/EpisodeOfCare?patient=Patient/${child}`)).json.entry ?? []).map(
      (one: any) => one.resource,
    );

  test('D11 an accepted Task of a care management request enrolls in the same transaction', async () => {
    on('2026-05-07');
    const child = await at.child();
    const task = await refer(child);
    await at.put(task);
    expect(await episodes(child)).toEqual([]);
    await at.put({ ...task, status: 'accepted' });
    const [episode, ...more] = await episodes(child);
    expect(more).toEqual([]);
    expect(episode).toMatchObject({
      status: 'active',
      period: { start: '2026-05-07' },
      careManager: { reference: 'PractitionerRole/gus-regional' },
      referralRequest: [{ reference: `ServiceRequest/r-${child}` }],
    });
    expect((await at.send('GET', `/fhir/Flag/${careManagementFlagId(episode.id)}`)).json.status).toBe('active');
  });

  test('D11 without the consent the acceptance is refused with what is missing', async () => {
    const child = await at.child();
    await at.put(consent(child, { status: 'inactive' }));
    const task = await refer(child);
    await at.put(task);
    const refused = await a.tryPut(at.store, a.coordinator, { ...task, status: 'accepted' });
    expect(a.refusedBy(refused)).toBe('enrollment-move');
    expect((await at.resource('Task', `t-${child}`)).status).toBe('requested');
    expect(await episodes(child)).toEqual([]);
  });

  test('D11 a planned enrollment that waits for the request is the one that becomes active', async () => {
    const child = await at.child();
    const task = await refer(child);
    const { json } = await enroll(child, { eligibleFrom: '2026-02-01' });
    await at.send('PUT', `/fhir/EpisodeOfCare/${json.id}`, {
      body: { ...json, referralRequest: [{ reference: `ServiceRequest/r-${child}` }] },
    });
    await at.put(task, { ...task, status: 'accepted' });
    expect(await episodes(child)).toMatchObject([{ id: json.id, status: 'active' }]);
  });
});

describe('S4.25 parallel programs for one child', () => {
  test('S4.25 a second active enrollment is blocked until a single lead is named across both', async () => {
    const child = await at.child();
    await enroll(child, active(child));
    const second = {
      ...active(child),
      program: 'HealthcareService/vendor',
      careManager: 'PractitionerRole/vera-vendor',
    };
    const blocked = await enroll(child, second);
    expect([blocked.status, why(blocked)]).toEqual([422, expect.stringMatching(/one-lead-across-programs/)]);
    const lead = 'PractitionerRole/vera-vendor';
    const taken = await enroll(child, { ...second, lead });
    expect(taken.status).toBe(200);
    const team = await at.resource('CareTeam', teamId(child));
    const isLead = (one: any) =>
      one.extension?.some(({ url }: any) => url.endsWith('lead-coordinator')) && !one.period?.end;
    expect(team.participant.filter(isLead).map((one: any) => one.member.reference)).toEqual([lead]);
    const nobody = team.participant.map(({ extension, ...one }: any) => one);
    const unled = await at.send('PUT', `/fhir/CareTeam/${team.id}`, { body: { ...team, participant: nobody } });
    expect(why(unled)).toMatch(/one-lead-across-programs/);
    const left = await move(taken.json.id, { status: 'finished', reason: 'graduated' });
    expect(left.status).toBe(200);
    const after = await at.resource('CareTeam', teamId(child));
    expect(after.participant.filter((one: any) => !one.period?.end).map((one: any) => one.member.reference)).toEqual([
      'PractitionerRole/gus-regional',
    ]);
  });

  test('S4.25 two that are made active at the same moment cannot both be without a lead named', async () => {
    const child = await at.child();
    const answers = await Promise.all([
      enroll(child, active(child)),
      enroll(child, { ...active(child), program: 'HealthcareService/embedded' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
  });

  test('S4.25 planned and waiting enrollments may stand beside an active one', async () => {
    const child = await at.child();
    await enroll(child, active(child));
    expect((await enroll(child, { program: 'HealthcareService/vendor', status: 'waitlist' })).status).toBe(200);
  });
});

describe('S4.21 programs', () => {
  const edit = (actor: typeof a.coordinator, id: string, comment: string) =>
    at.store.transact(actor, async (tx) => {
      const before = await tx.read('HealthcareService', id);
      return tx.update({ ...a.parsed<{ resourceType: string }>(before), comment });
    });

  test('S4.21 a practice edits its program alone', async () => {
    await at.put({
      resourceType: 'PractitionerRole',
      id: 'pcp-role',
      active: true,
      practitioner: { reference: 'Practitioner/pcp' },
      organization: { reference: 'Organization/practice' },
    });
    const stranger = { kind: 'user', id: 'Practitioner/gus', requestId: 'test' } as const;
    expect(a.refusedBy(await edit(stranger, 'own', 'x'))).toBe('care-management-program');
    expect((await edit({ ...stranger, id: 'Practitioner/pcp' }, 'own', 'x')).ok).toBe(true);
    expect((await edit(stranger, 'regional', 'x')).ok).toBe(true);
  });

  test('D12 a program says a known model and whose it is', async () => {
    const program = await at.resource('HealthcareService', 'regional');
    const put = (body: object) => at.send('PUT', '/fhir/HealthcareService/regional', { body });
    const coding = [{ system: 'http://careweave.org/fhir/CodeSystem/care-management-model', code: 'somehow' }];
    expect(why(await put({ ...program, type: [{ coding }] }))).toMatch(/care-management-program/);
    expect(why(await put({ ...program, providedBy: undefined }))).toMatch(/whose it is/);
  });
});
