import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { visibilityOf, visibleInDocuments } from '../../../src/access/decide.ts';
import { unwrap } from '../../support/house.ts';
import { outwardOf } from '../matrix/ask.ts';
import { openPrivacyHouse, type PrivacyHouse } from '../support/privacy-house.ts';

let house: PrivacyHouse;
const child = 'Patient/pv-school-day';
const nurse = 'Practitioner/pv-school-day-nurse';
const plan = 'CarePlan/pv-school-day-school-plan';
const kept = 'CarePlan/pv-school-day-kept-school-plan';

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load('school-day');
}, 60_000);
afterAll(() => house.shut());

const get = (who: string, path: string) => house.as(who, 'GET', `/${path}`);
const status = async (who: string, path: string) => (await get(who, path)).status;
const read = async (path: string) => (await get('system', path)).json;
const put = (who: string, resource: any) => house.as(who, 'PUT', `/${resource.resourceType}/${resource.id}`, resource);
const plansOf = async (who: string): Promise<string[]> => {
  const { json } = await get(who, `CarePlan?patient=${child}&_total=accurate`);
  expect(json.total).toBe((json.entry ?? []).length);
  return (json.entry ?? []).map(({ resource }: any) => `CarePlan/${resource.id}`);
};
/** Writes a record in another way for as long as the work takes, as the sync does, which no rule of care holds up. */
async function meanwhile(path: string, change: (record: any) => any, work: () => Promise<void>) {
  const before = await read(path);
  const write = async (resource: any) =>
    unwrap(await house.store.transact({ kind: 'system', id: 'ehr', requestId: 'test' }, (tx) => tx.update(resource)));
  await write(change(structuredClone(before)));
  await work();
  await write(before);
}
const label = (code: string) => ({ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code });

describe('PP-52 a copy of what a consent opens', () => {
  const agreement = 'Contract/pv-school-day-school-agreement';
  const leave = 'Consent/pv-school-day-school-leave';
  const notice = '42 CFR part 2 prohibits unauthorized use or disclosure of these records.';
  const opened = (...codes: string[]) =>
    [leave, (one: any) => ({ ...one, provision: { ...one.provision, securityLabel: codes.map(label) } })] as const;
  const labelsOf = (record: any) => (record.meta?.security ?? []).map(({ code }: any) => code).sort();

  test('is withheld from a partner whose agreement does not say that it keeps labels, as if it were not there', async () => {
    for (const subType of [undefined, [{ text: 'keeps-labels' }], [{ coding: [{ code: 'keeps-labels' }] }]]) {
      const says = ({ subType: _subType, ...one }: any) => ({ ...one, ...(subType && { subType }) });
      await meanwhile(agreement, says, async () => {
        await meanwhile(...opened('SUD'), async () => {
          expect(outwardOf(await get(nurse, kept))).toBe(outwardOf(await get(nurse, 'CarePlan/zz-never')));
          expect(await status(nurse, plan)).toBe(200);
          expect(await plansOf(nurse)).not.toContain(kept);
        });
      });
    }
  });

  test('has its labels, however it is read, and what is ordinary has none', async () => {
    await meanwhile(...opened('SUD'), async () => {
      const inSearch = (await get(nurse, `CarePlan?_id=${kept.slice(9)}`)).json.entry[0].resource;
      const sparse = (await get(nurse, `CarePlan?_id=${kept.slice(9)}&_elements=status`)).json.entry[0].resource;
      const all = [(await get(nurse, kept)).json, inSearch, sparse];
      for (const one of all) expect([labelsOf(one), one.text]).toEqual([['R', 'SUD'], undefined]);
      expect((await get(nurse, plan)).json.meta).toBeUndefined();
      expect((await get(nurse, child)).json.meta).toBeUndefined();
    });
  });

  /** One more school plan for as long as the work takes: labels stay on a record, so each test has its own. */
  const withPlan = async (id: string, change: object, work: (path: string) => Promise<void>) => {
    const { meta: _meta, ...ordinary } = await read(kept);
    const made = await put('system', { ...ordinary, id, ...change });
    expect(made.status).toBe(201);
    await work(`CarePlan/${id}`);
    unwrap(
      await house.store.transact({ kind: 'system', id: 'ehr', requestId: 'test' }, (tx) => tx.delete('CarePlan', id)),
    );
  };

  test('says what it is by its codes too, though nobody labelled it', async () => {
    const code = { coding: [{ system: 'http://snomed.info/sct', code: '66214007' }] };
    const activity = [{ detail: { status: 'completed', code } }];
    await withPlan('pv-school-day-by-code', { activity }, async (path) => {
      expect(await status(nurse, path)).toBe(404);
      await meanwhile(...opened('SUD'), async () => {
        expect(labelsOf((await get(nurse, path)).json)).toEqual(['R', 'SUD']);
      });
    });
  });

  test.each(['42CFRPart2', 'NORDSCLCD'])(
    'that is a Part 2 record (%s) goes with the order not to tell it on and the notice of 42 CFR 2.32, and only with a consent',
    async (code) => {
      const meta = { security: [label('SUD'), label(code)] };
      await withPlan(`pv-school-day-${code}`, { meta }, async (path) => {
        // One label opened is not the other.
        await meanwhile(...opened('SUD'), async () => expect(await status(nurse, path)).toBe(404));
        await meanwhile(...opened('SUD', '42CFRPart2'), async () => {
          const { json } = await get(nurse, path);
          expect(labelsOf(json)).toEqual(['42CFRPart2', 'NORDSCLCD', 'R', 'SUD']);
          expect(json.text).toEqual({
            status: 'generated',
            div: `<div xmlns="http://www.w3.org/1999/xhtml">${notice}</div>`,
          });
        });
        expect(await status(nurse, path)).toBe(404);
      });
    },
  );

  test('is in no document or page, which have no labels', async () => {
    await meanwhile(...opened('SUD'), async () => {
      const who = {
        kind: 'user',
        id: nurse,
        fhirUser: nurse,
        clientId: 'app',
        scopes: [{ level: 'user', type: '*', interactions: new Set(['r', 's'] as const) }],
      } as const;
      const admitted = await house.access.admit(who);
      const hidden = (seen: any) => (seen.grants ?? []).map(({ hides = 0n }: any) => (hides & 0b100n) !== 0n);
      expect(hidden(visibilityOf(admitted, 'r'))).toContain(false);
      expect(hidden(visibleInDocuments(admitted))).not.toContain(false);
      expect(hidden(visibleInDocuments(admitted))).not.toEqual([]);
    });
  });

  test('is in no answer that is made of records, where what is ordinary is', async () => {
    const category = [
      { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/careplan-category', code: 'emergency' }] },
    ];
    const subject = { reference: child };
    const emergency = {
      resourceType: 'CarePlan',
      status: 'active',
      intent: 'plan',
      description: 'invented',
      category,
      subject,
    };
    const write = (id: string, more: object) =>
      house.store.transact({ kind: 'system', id: 'ehr', requestId: 'test' }, (tx) =>
        tx.update({ ...emergency, id, ...more } as any),
      );
    const asked = async () => (await get(nurse, `${child}/$first-call`)).status;
    await meanwhile(...opened('SUD'), async () => {
      unwrap(await write('pv-school-day-labelled-call', { meta: { security: [label('SUD')] } }));
      expect(await status(nurse, 'CarePlan/pv-school-day-labelled-call')).toBe(200);
      expect(await asked()).toBe(404);
      unwrap(await write('pv-school-day-ordinary-call', {}));
      expect(await asked()).toBe(200);
    });
    for (const id of ['pv-school-day-labelled-call', 'pv-school-day-ordinary-call'])
      unwrap(
        await house.store.transact({ kind: 'system', id: 'ehr', requestId: 'test' }, (tx) => tx.delete('CarePlan', id)),
      );
  });

  test('that came in with labels keeps them, and the next partner is told them', async () => {
    const meta = { security: [label('SUD'), label('42CFRPart2')] };
    await withPlan('pv-school-day-received', { meta }, async (path) => {
      expect(labelsOf(await read(path))).toEqual(['42CFRPart2', 'SUD']);
      // Whoever writes it anew without them lowers nothing: labels stay until somebody who may says so.
      const { meta: _meta, ...unlabelled } = await read(path);
      expect((await put('system', unlabelled)).status).toBe(200);
      expect(labelsOf(await read(path))).toEqual(['42CFRPart2', 'SUD']);
      await meanwhile(...opened('SUD', '42CFRPart2'), async () => {
        expect(labelsOf((await get(nurse, path)).json)).toEqual(['42CFRPart2', 'NORDSCLCD', 'R', 'SUD']);
      });
    });
  });
});
