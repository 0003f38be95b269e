import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bindClient } from '../../../src/access/policy/partner-commands.ts';
import { teamId } from '../../../src/care/team/team-content.ts';
import { openPrivacyHouse, type PrivacyHouse } from '../../access/support/privacy-house.ts';
import { unwrap } from '../../support/house.ts';

/** What membership opens, and for how long: the same fact (CareTeam.participant.member and its period) read by the privacy policy. */
let house: PrivacyHouse;
let minute = 0;
const later = () => {
  minute += 1;
  house.at(new Date(Date.parse('2026-11-23T17:00:00Z') + minute * 60_000).toISOString());
};

beforeAll(async () => {
  house = await openPrivacyHouse('2026-11-23T17:00:00Z');
  await house.load('school-day');
  await house.store.query(
    `INSERT INTO auth_client (id, name, type, scopes, created_at) VALUES ('vendor-system', 'Vendor', 'symmetric', '', now())`,
  );
  unwrap(await bindClient(house.store, 'vendor-system', 'Organization/pv-school-day-vendor'));
}, 60_000);
afterAll(() => house.shut());

async function put(resource: any): Promise<void> {
  const { status, text } = await house.as('system', 'PUT', `/${resource.resourceType}/${resource.id}`, resource);
  if (status >= 300) throw new Error(text);
}
const status = async (who: string, path: string) => (await house.as(who, 'GET', `/${path}`)).status;
const task = (child: string, owner: string, state: string) => ({
  resourceType: 'Task',
  id: `work-${child}`,
  status: state,
  intent: 'plan',
  description: 'Call the family',
  for: { reference: `Patient/${child}` },
  owner: { reference: owner },
});
const stillMember = async (child: string) => {
  const { json } = await house.as('system', 'GET', `/CareTeam/${teamId(child)}`);
  return json.participant.map(({ period }: any) => period.end === undefined);
};

describe('S1.10 access follows membership', () => {
  test('S1.10 a protected chart opens to who accepts a Task for the child, and is closed when their last Task ends', async () => {
    const label = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'EMP' };
    await put({
      resourceType: 'Patient',
      id: 'colleagues-child',
      meta: { security: [label] },
      birthDate: '2020-01-01',
    });
    const nurse = 'Practitioner/pv-some-nurse';
    await put({ resourceType: 'Practitioner', id: 'pv-some-nurse' });
    expect(await status(nurse, 'Patient/colleagues-child')).toBe(404);
    await put(task('colleagues-child', nurse, 'requested'));
    later();
    expect(await status(nurse, 'Patient/colleagues-child')).toBe(404);
    await put(task('colleagues-child', nurse, 'accepted'));
    later();
    expect(await status(nurse, 'Patient/colleagues-child')).toBe(200);
    await put(task('colleagues-child', nurse, 'completed'));
    later();
    expect(await stillMember('colleagues-child')).toEqual([false]);
    expect(await status(nurse, 'Patient/colleagues-child')).toBe(404);
  });

  test('S1.10 the same for who is named by a role, as long as the role is in force', async () => {
    const nurse = 'Practitioner/pv-role-nurse';
    const role = { resourceType: 'PractitionerRole', id: 'pv-role', active: true, practitioner: { reference: nurse } };
    await put({ resourceType: 'Practitioner', id: 'pv-role-nurse' });
    await put(role);
    await put({ ...task('colleagues-child', 'PractitionerRole/pv-role', 'accepted'), id: 'work-by-role' });
    later();
    expect(await status(nurse, 'Patient/colleagues-child')).toBe(200);
    expect(await status('Practitioner/pv-some-nurse', 'Patient/colleagues-child')).toBe(404);
    await put({ ...role, active: false });
    later();
    expect(await status(nurse, 'Patient/colleagues-child')).toBe(404);
  });

  test('S1.10 a partner that accepts is a member and sees the child by its agreement; when its last Task is closed it sees nothing', async () => {
    await put({ resourceType: 'Patient', id: 'vendors-child', birthDate: '2020-01-01', name: [{ family: 'Example' }] });
    const vendor = 'client/vendor-system';
    expect(await status(vendor, 'Patient/vendors-child')).toBe(404);
    await put(task('vendors-child', 'Organization/pv-school-day-vendor', 'accepted'));
    later();
    expect(await stillMember('vendors-child')).toEqual([true]);
    expect(await status(vendor, 'Patient/vendors-child')).toBe(200);
    await put(task('vendors-child', 'Organization/pv-school-day-vendor', 'completed'));
    later();
    expect(await stillMember('vendors-child')).toEqual([false]);
    expect(await status(vendor, 'Patient/vendors-child')).toBe(404);
  });
});
