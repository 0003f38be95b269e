import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ChildSoFar, ratesOf } from '../../../src/care/need/rates.ts';
import { stages } from '../../../src/care/need/stages.ts';
import type { PrivacyHouse } from '../../access/support/privacy-house.ts';
import { food, never, often } from '../screening/support.ts';
import { child, childRef, clinician, mother, openTwoParents } from '../screening/two-parents.ts';

let house: PrivacyHouse;
beforeAll(async () => {
  house = await openTwoParents();
}, 60_000);
afterAll(() => house.shut());

const ask = (who: string, query = '') => house.as(who, 'GET', `/Patient/$needs-cascade${query}`);
/** Each stage as [code, count, of, rate, needs that have come so far]. */
const told = (json: any) =>
  json.parameter
    .filter(({ name }: any) => name === 'stage')
    .map(({ part }: any) => {
      const value = (parts: any[], name: string) => Object.values(parts.find((one: any) => one.name === name) ?? {})[1];
      const needs = part.find(({ name }: any) => name === 'needs')?.part ?? [];
      return [...['code', 'count', 'of', 'rate'].map((name) => value(part, name)), value(needs, 'count')];
    });
const put = async (resource: any) => {
  const written = await house.as('system', 'PUT', `/${resource.resourceType}/${resource.id}`, resource);
  expect([written.status < 300, written.text]).toEqual([true, expect.any(String)]);
};

describe('S2.15 six separate rates from the register', () => {
  test('S2.15 each stage is at most the one before, whatever became of whom', () => {
    const someone: fc.Arbitrary<ChildSoFar> = fc.record({
      isScreened: fc.boolean(),
      reached: fc.array(fc.constantFrom(...stages), { maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(someone, { maxLength: 12 }), (children) => {
        const rates = ratesOf(children);
        expect(rates.map(({ stage }) => stage)).toEqual(['screened', ...stages]);
        for (const [at, { count, of, rate, needs }] of rates.entries()) {
          const before = rates[at - 1];
          expect(count).toBeLessThanOrEqual(of);
          expect(rate ?? 0).toBeLessThanOrEqual(1);
          expect(of).toBe(before ? before.count : children.length);
          expect(needs?.count ?? 0).toBeLessThanOrEqual(needs?.of ?? 0);
          if (before?.needs) expect(needs?.of).toBe(before.needs.count);
        }
      }),
    );
  });

  test('a child with one need resolved and another one not has not come to resolved', () => {
    const rates = ratesOf([{ isScreened: true, reached: ['resolved', 'referred'] }]);
    expect(rates.map(({ count, of, needs }) => [count, of, needs?.count])).toEqual([
      [1, 1, undefined],
      [1, 1, 2],
      [1, 1, 2],
      [0, 1, 1],
      [0, 0, 1],
      [0, 0, 1],
    ]);
  });

  test('refuses what it does not know, and tells nothing of children whom the caller does not see', async () => {
    for (const query of [
      '?start=March',
      '?end=2026-13-40',
      '?start=2026-05-01&end=2026-04-01',
      '?group=a/b/c',
      '?colour=red',
    ])
      expect([query, (await ask(clinician, query)).status]).toEqual([query, 400]);
    expect((await ask(clinician, '?group=Group/never-was')).status).toBe(404);
    const nobody = await ask('RelatedPerson/nobody');
    if (nobody.status === 200) expect(told(nobody.json)[0]).toEqual(['screened', 0, 0, undefined, undefined]);
    else expect([401, 403, 404]).toContain(nobody.status);
  });

  test('S2.15 from asking to resolved; a closed referral with an unresolved need counts as unresolved', async () => {
    await put({ resourceType: 'Patient', id: 'cascade-second', birthDate: '2020-05-05' });
    const given = food(often, never, { subject: childRef, authored: '2026-03-02T10:00:00Z' });
    expect((await house.as(mother, 'POST', '/QuestionnaireResponse', given)).status).toBe(201);
    const [{ resource: concern }] = (await house.as(clinician, 'GET', `/Condition?patient=${child}`)).json.entry;
    const request = {
      ...{
        resourceType: 'ServiceRequest',
        id: 'cascade-request',
        status: 'active',
        intent: 'order',
        subject: childRef,
      },
      reasonReference: [{ reference: `Condition/${concern.id}` }],
    };
    const task = {
      ...{ resourceType: 'Task', id: 'cascade-task', status: 'requested', intent: 'order', for: childRef },
      ...{ focus: { reference: 'ServiceRequest/cascade-request' }, requester: { reference: clinician } },
      owner: { reference: 'Organization/wic' },
    };
    const counts = async () => told((await ask(clinician)).json).map(([, count, of]: any) => `${count}/${of}`);
    expect(await counts()).toEqual(['1/2', '1/1', '0/1', '0/0', '0/0', '0/0']);
    await put(request);
    await put(task);
    expect(await counts()).toEqual(['1/2', '1/1', '1/1', '0/1', '0/0', '0/0']);
    await put({ ...task, status: 'accepted' });
    const done = { ...task, status: 'completed', output: [{ type: { text: 'Result' }, valueString: 'Enrolled' }] };
    await put(done);
    const own = { system: 'http://careweave.org/fhir/CodeSystem/referral-status', code: 'requester-acknowledged' };
    await put({ ...done, businessStatus: { coding: [own] } });
    expect((await house.as(clinician, 'GET', '/ServiceRequest/cascade-request')).json.status).toBe('completed');
    expect(await counts()).toEqual(['1/2', '1/1', '1/1', '1/1', '1/1', '0/1']);
    const clinicalStatus = {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'resolved' }],
    };
    await put({
      ...(await house.as('system', 'GET', `/Condition/${concern.id}`)).json,
      clinicalStatus,
      abatementDateTime: '2026-03-02',
    });
    const [screened, , , , , resolved] = told((await ask(clinician)).json);
    expect([screened, resolved]).toEqual([
      ['screened', 1, 2, 0.5, undefined],
      ['resolved', 1, 1, 1, 1],
    ]);
  });

  test('S2.15 of a Group alone, and of another stretch of days', async () => {
    const member = [{ entity: childRef }, { entity: { reference: 'Patient/cascade-second' }, inactive: true }];
    await put({ resourceType: 'Group', id: 'cascade', type: 'person', actual: true, member });
    const of = async (query: string) => told((await ask(clinician, query)).json).map(([, count]: any) => count);
    expect(await of('?group=cascade')).toEqual([1, 1, 1, 1, 1, 1]);
    expect(told((await ask(clinician, '?group=cascade')).json)[0]).toEqual(['screened', 1, 1, 1, undefined]);
    expect(await of('?start=2025-01-01&end=2025-12-31')).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
