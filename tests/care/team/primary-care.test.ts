import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/base/clock.ts';
import { createCare } from '../../../src/care/care.ts';
import { sharedPlanCategories } from '../../../src/care/plan/categories.ts';
import { primaryCareGauges } from '../../../src/care/team/check-primary-care.ts';
import { primaryCareRole } from '../../../src/care/team/participants.ts';
import { noPrimaryCareUrl } from '../../../src/care/team/primary-care.ts';
import { teamContent, teamId } from '../../../src/care/team/team-content.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';
import { enlist } from '../support/people.ts';

const care = createCare({ clock: systemClock });
let at: TestStore;
beforeAll(async () => {
  const { checks, effects, conclusions } = care.module;
  at = await createTestStore({ checks, effects, conclusions });
  await enlist(at.store, 'Practitioner/pcp', 'Practitioner/other');
});
afterAll(() => at.drop());

const subject = (id: string) => ({ reference: `Patient/${id}` });
const plan = (child: string, more: object = {}) => ({
  resourceType: 'CarePlan',
  id: `plan-${child}`,
  status: 'active',
  intent: 'plan',
  category: sharedPlanCategories(),
  subject: subject(child),
  ...more,
});
const member = { member: { reference: 'Practitioner/pcp' }, role: [primaryCareRole] };
const team = (child: string, participant: object[]) => ({
  resourceType: 'CareTeam',
  id: teamId(child),
  status: 'active',
  subject: subject(child),
  participant,
});
const gauges = async () => {
  const read = await Promise.all(primaryCareGauges.map((gauge) => gauge.read(at.store)));
  return read.map(([one]) => one?.value);
};

describe('care-team-members', () => {
  test('D8 refuses two primary care clinicians at a time and takes one after another', async () => {
    const other = { member: { reference: 'Practitioner/other' }, role: [primaryCareRole] };
    expect(a.refusedBy(await a.tryPut(at.store, a.coordinator, team('two', [member, other])))).toBe(
      'care-team-members',
    );
    const former = { ...other, period: { end: '2026-01-01' } };
    expect((await a.tryPut(at.store, a.coordinator, team('two', [former, member]))).ok).toBe(true);
  });
});

describe('S0.17 primary care is home base of every plan', () => {
  test('S0.17 a plan without a primary care clinician becomes active only with a reason, which is counted', async () => {
    await a.put(at.store, a.coordinator, { resourceType: 'Patient', id: 'without' });
    expect(a.refusedBy(await a.tryPut(at.store, a.coordinator, plan('without')))).toBe('shared-plan-primary-care');
    const draft = plan('without', { status: 'draft' });
    await a.put(at.store, a.coordinator, draft);
    const empty = { extension: [{ url: noPrimaryCareUrl, valueString: ' ' }] };
    expect(a.refusedBy(await a.tryPut(at.store, a.coordinator, plan('without', empty)))).toBe(
      'shared-plan-primary-care',
    );
    expect(await gauges()).toEqual([0, 0]);
    const reason = {
      extension: [{ url: noPrimaryCareUrl, valueString: 'Moved here last week; looking for a practice' }],
    };
    await a.put(at.store, a.coordinator, plan('without', reason));
    expect(await gauges()).toEqual([1, 1]);
    // Active already: nobody activates it again.
    await a.put(at.store, a.coordinator, plan('without', { ...reason, note: [{ text: 'x' }] }));
    expect(await gauges()).toEqual([1, 1]);
    await a.put(at.store, a.coordinator, team('without', [member]));
    expect(await gauges()).toEqual([1, 0]);
  });

  test('S0.17 a plan that was deleted and comes back is asked again: who looked after the child may have left meanwhile', async () => {
    const generalPractitioner = [{ reference: 'Practitioner/pcp' }];
    await a.put(at.store, a.coordinator, { resourceType: 'Patient', id: 'back', generalPractitioner });
    await a.put(at.store, a.coordinator, plan('back'));
    const id = plan('back').id ?? '';
    expect((await at.store.transact(a.correcting, (tx) => tx.delete('CarePlan', id))).ok).toBe(true);
    await a.put(at.store, a.coordinator, { resourceType: 'Patient', id: 'back' });
    expect(a.refusedBy(await a.tryPut(at.store, a.coordinator, plan('back')))).toBe('shared-plan-primary-care');
  });

  test('S0.17 a clinician in the Patient, or in the team that comes with the plan, is one; one who has left is none', async () => {
    const generalPractitioner = [{ reference: 'Practitioner/pcp' }];
    await a.put(at.store, a.coordinator, { resourceType: 'Patient', id: 'named', generalPractitioner });
    expect((await a.tryPut(at.store, a.coordinator, plan('named'))).ok).toBe(true);
    await a.put(at.store, a.coordinator, { resourceType: 'Patient', id: 'teamed' });
    const left = team('teamed', [{ ...member, period: { end: '2026-01-01' } }]);
    expect(a.refusedBy(await a.tryPut(at.store, a.coordinator, left, plan('teamed')))).toBe('shared-plan-primary-care');
    expect((await a.tryPut(at.store, a.coordinator, plan('teamed'), team('teamed', [member]))).ok).toBe(true);
  });

  test('S0.17 a plan that is composed decides nothing: it stands, says so, and is counted as without until somebody is named', async () => {
    await a.put(at.store, a.coordinator, { resourceType: 'Patient', id: 'composed' });
    const [, before = 0] = await gauges();
    const actor = { kind: 'system', id: 'care', requestId: 'test' } as const;
    const composed = await at.store.transact(actor, (tx) => care.composePlan(tx, 'composed'));
    expect(composed.ok).toBe(true);
    expect((await gauges())[1]).toBe(before + 1);
    const planOf = async () =>
      (
        await at.store.query<{ content: string }>(
          "SELECT content FROM resource WHERE type = 'CarePlan' AND patient_id = 'composed'",
        )
      )[0]?.content ?? '';
    expect(await planOf()).toContain('no primary care clinician is known');
    await a.put(at.store, a.coordinator, team('composed', [member]));
    const again = await at.store.transact(actor, (tx) => care.composePlan(tx, 'composed'));
    expect(again.ok && again.value.outcome).toBe('updated');
    expect(await planOf()).not.toContain('no primary care clinician is known');
    expect((await at.store.transact(actor, (tx) => care.composePlan(tx, 'composed'))).ok).toBe(true);
    expect((await gauges())[1]).toBe(before);
  });
});

describe('teamContent', () => {
  test('names one primary care clinician, and leaves out whom people took out', () => {
    const of = (reference: string) => ({
      participant: { member: { reference } },
      role: 'Primary care',
      primaryCare: true as const,
    });
    const made = teamContent(
      '1',
      [of('Practitioner/a'), of('Practitioner/b'), of('Practitioner/c')],
      undefined,
      new Set(['Practitioner/c']),
    );
    expect(made?.participant?.map(({ role }) => role)).toEqual([[primaryCareRole], [{ text: 'Primary care' }]]);
    expect(teamContent('1', [of('Practitioner/a')], made)).toEqual(made);
  });
});
