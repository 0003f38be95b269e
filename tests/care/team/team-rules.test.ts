import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/base/clock.ts';
import { createCare } from '../../../src/care/care.ts';
import { teamContent } from '../../../src/care/team/team-content.ts';
import { leadCoordinatorUrl } from '../../../src/fhir/plan-view/team.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';

const { checks } = createCare({ clock: systemClock }).module;
let at: TestStore;
beforeAll(async () => {
  at = await createTestStore({ checks });
});
afterAll(() => at.drop());

const team = (...participant: object[]) =>
  a.tryPut(at.store, a.coordinator, { resourceType: 'CareTeam', id: 'team', subject: a.child, participant });
const lead = { extension: [{ url: leadCoordinatorUrl, valueBoolean: true }] };
const nurse = { member: { reference: 'Practitioner/nurse' }, role: [{ text: 'Nurse' }] };

describe('care-team-members', () => {
  test('refuses a team without anybody in a role, and with two lead coordinators', async () => {
    expect(a.refusedBy(await team())).toBe('care-team-members');
    expect(a.refusedBy(await team({ member: nurse.member }))).toBe('care-team-members');
    expect(a.refusedBy(await team({ ...nurse, ...lead }, { ...nurse, ...lead }))).toBe('care-team-members');
  });

  test('takes one lead after another', async () => {
    const former = { ...nurse, ...lead, period: { end: '2026-01-01' } };
    expect((await team(former, { ...nurse, ...lead })).ok).toBe(true);
  });
});

describe('teamContent', () => {
  test('makes no empty team', () => {
    expect(teamContent('1', [], undefined)).toBeUndefined();
  });

  test('adds each member once and leaves people as they were arranged', () => {
    const candidates = [
      { participant: { member: { reference: 'Practitioner/nurse' } }, role: 'Hospital care team' },
      { participant: { member: { reference: 'RelatedPerson/mother' } }, role: 'Family' },
      { participant: { member: { reference: 'RelatedPerson/mother' } }, role: 'Family' },
      { participant: { member: { reference: '#contained' } }, role: 'Family' },
    ];
    const existing = { resourceType: 'CareTeam' as const, participant: [nurse] };
    const made = teamContent('1', candidates, existing);
    expect(made?.participant).toEqual([
      nurse,
      { member: { reference: 'RelatedPerson/mother' }, role: [{ text: 'Family' }] },
    ]);
    expect(teamContent('1', candidates, made)).toEqual(made);
  });
});
