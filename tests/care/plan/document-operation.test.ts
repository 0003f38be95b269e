import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '../../../src/fhir/types.ts';
import { addFamily, type Family, openFamily } from '../proposal/support/family.ts';
import * as a from '../support/child.ts';

const base = 'http://careweave.org/fhir';
const act = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
let first: Family;
beforeAll(async () => {
  first = await openFamily();
});
afterAll(() => first.house.shut());

/** A child of its own, in the same house. */
const family = async (): Promise<Family> => ({ house: first.house, ...(await addFamily(first.house)) });
const document = (of: Family, who: string, query = '') => of.house.as(who, 'GET', `/${of.plan}/$document${query}`);
async function page(of: Family, who: string): Promise<{ type: string | null; text: string }> {
  const headers = { Authorization: `Bearer ${who.replaceAll('/', '~')}`, Accept: 'text/html' };
  const answer = await fetch(`${of.house.url}/fhir/${of.plan}/$document`, { headers });
  return { type: answer.headers.get('content-type'), text: await answer.text() };
}
const idOf = (reference: string) => reference.split('/')[1] ?? '';
const subject = (of: Family) => ({ reference: of.child });
const put = (of: Family, actor: Parameters<typeof a.put>[1], ...resources: Resource[]) =>
  a.put(of.house.store, actor, ...resources);
const lead = (of: Family) => ({ kind: 'user', id: of.lead, requestId: 'test' }) as const;
const section = (json: any, code: string): any =>
  all(json.entry[0].resource.section).find((one: any) => one.code.coding[0].code === code);
const all = (sections: any[] = []): any[] => sections.flatMap((one) => [one, ...all(one.section)]);
const textOf = (one: any) =>
  String(one?.text?.div ?? '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

describe('CarePlan/[id]/$document', () => {
  test('does not tell a plan that is hidden from one that is not there, nor a plan of another kind', async () => {
    const one = await family();
    await put(one, a.coordinator, a.hospitalPlan(`${idOf(one.plan)}-kind`, { subject: subject(one) }));
    const answers = await Promise.all([
      one.house.as('system', 'GET', '/CarePlan/nothing/$document'),
      document(one, one.stranger),
      one.house.as('system', 'GET', `/${one.plan}-kind/$document`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  test.each(['?sharing=perhaps', '?colour=red'])('refuses %s', async (query) => {
    expect((await document(first, 'system', query)).status).toBe(400);
  });

  test('is a document: a valid Composition first, and everything that it points to', async () => {
    const { json, status } = await document(first, first.lead);
    expect(status).toBe(200);
    expect(json).toMatchObject({ resourceType: 'Bundle', type: 'document', identifier: { value: expect.any(String) } });
    const [{ resource: composition }] = json.entry;
    expect(composition.meta.profile).toEqual([`${base}/StructureDefinition/shared-plan-composition`]);
    const checked = await first.house.as('system', 'POST', '/Composition/$validate', composition);
    expect(checked.json.issue.filter(({ severity }: any) => severity !== 'information')).toEqual([]);
    const whole = await first.house.as('system', 'POST', '/Bundle/$validate', json);
    expect(whole.json.issue.filter(({ severity }: any) => severity === 'error' || severity === 'fatal')).toEqual([]);
    const urls = json.entry.map(({ fullUrl }: any) => fullUrl);
    expect(new Set(urls).size).toBe(urls.length);
    const entries = all(composition.section).flatMap((one) => one.entry ?? []);
    for (const { reference } of [composition.subject, composition.event[0].detail[0], ...entries])
      expect(urls).toContain(`${first.house.url}/fhir/${reference}`);
    expect(entries.length).toBeGreaterThan(2);
    for (const one of all(composition.section)) expect(one.text !== undefined || one.section?.length > 0).toBe(true);
  });

  test('has no section that nothing stands in', async () => {
    const { json } = await document(first, first.lead);
    expect(all(json.entry[0].resource.section).map((one) => one.code.coding[0].code)).toEqual([
      ...['at-a-glance', 'family', 'care-team', 'goals', 'clinician-goals', 'review'],
    ]);
  });

  test('S3.13 shows the same allergy of three EHRs once, with three sources', async () => {
    const one = await family();
    const coding = [{ system: 'http://snomed.info/sct', code: '300916003', display: 'Latex allergy' }];
    const status = (code: string) => ({
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code }],
    });
    const latex = (site: string, state = 'active'): Resource[] => {
      const id = `${idOf(one.plan)}-${site}`;
      const allergy = a.mirrored(
        {
          resourceType: 'AllergyIntolerance',
          id,
          patient: subject(one),
          code: { coding },
          clinicalStatus: status(state),
        },
        site,
      );
      const who = { identifier: { system: 'urn:careweave:site', value: site }, display: `${site} hospital` };
      const target = [{ reference: `AllergyIntolerance/${id}` }, { reference: one.child }];
      return [allergy, { resourceType: 'Provenance', id, target, recorded: '2026-11-01T00:00:00Z', agent: [{ who }] }];
    };
    await put(one, a.syncActor, ...latex('lakeside'), ...latex('summit'), ...latex('harbor'));
    const lines = async () => textOf(section((await document(one, one.lead)).json, 'allergies')).trim();
    expect(await lines()).toMatch(
      /^Latex allergy \[harbor hospital, [\d-]+ · lakeside hospital, [\d-]+ · summit hospital, [\d-]+\]$/,
    );
    const { json } = await document(one, one.lead);
    expect(section(json, 'allergies').entry).toHaveLength(3);
    await put(one, a.syncActor, ...latex('summit', 'resolved'));
    expect(await lines()).toMatch(/^Latex allergy \(sources differ\) .*summit hospital, [\d-]+, resolved/);
  });

  test('says of a line who said it, when, and who wrote it down', async () => {
    const one = await family();
    const goal = {
      ...a.goal(`${idOf(one.plan)}-wish`, 'Go to the sea', { subject: subject(one), startDate: '2026-11-20' }),
      expressedBy: { reference: one.mother },
    };
    await put(one, lead(one), goal);
    const plan: any = await one.read(one.plan);
    await put(one, lead(one), { ...plan, goal: [...plan.goal, { reference: `Goal/${goal.id}` }] });
    const said = textOf(section((await document(one, one.lead)).json, 'family-goals'));
    expect(said).toMatch(/“Go to the sea” .*\[Maren Example.*, 2026-11-20, written down by Larkin/);
    expect((await page(one, one.lead)).text).toMatch(/Go to the sea[^\n]*written down by Larkin/);
  });

  test('what is hidden from the reader leaves no trace: not a byte is different', async () => {
    const one = await family();
    const before = await document(one, one.mother);
    expect(before.status).toBe(200);
    const secret = { meta: { security: [{ system: act, code: 'SUD' }] } };
    const id = (name: string) => `${idOf(one.plan)}-${name}`;
    const at = { subject: subject(one) };
    const plan: any = await one.read(one.plan);
    await put(
      one,
      a.coordinator,
      a.condition(id('problem'), '66214007', { ...at, ...secret }),
      a.goal(id('goal'), 'Stay away from it', {
        ...at,
        ...secret,
        addresses: [{ reference: `Condition/${id('problem')}` }],
      }),
      a.request(id('clinic'), 'Recovery clinic', { ...at, ...secret }),
      a.task(id('task'), 'Call the clinic', {
        for: subject(one),
        focus: { reference: `ServiceRequest/${id('clinic')}` },
      }),
      {
        resourceType: 'Observation',
        id: id('parent'),
        meta: { security: [{ system: `${base}/CodeSystem/sensitivity`, code: 'PARENTOWN' }] },
        status: 'final',
        code: { text: 'How the mother is' },
        valueString: 'Exhausted',
        ...at,
      },
      {
        ...plan,
        addresses: [{ reference: `Condition/${id('problem')}`, display: 'Problem' }],
        goal: [...plan.goal, { reference: `Goal/${id('goal')}` }],
        activity: [{ reference: { reference: `ServiceRequest/${id('clinic')}`, display: 'Clinic' } }],
      },
    );
    const after = await document(one, one.mother);
    expect(after.text).toBe(before.text);
    const mothersPage = (await page(one, one.mother)).text;
    expect(mothersPage).not.toMatch(/Recovery|Stay away|Exhausted|Clinic|unavailable|No longer/i);

    const whole = await document(one, 'system');
    expect(whole.json.entry[0].resource.confidentiality).toBe('R');
    expect(textOf(section(whole.json, 'caregiver'))).toContain('Exhausted');
    expect(textOf(section(whole.json, 'actions'))).toContain('Recovery clinic');
    const shared = await document(one, 'system', '?sharing=true');
    expect(shared.json.entry[0].resource.confidentiality).toBe('N');
    expect(shared.text).not.toMatch(/Recovery|Stay away|Exhausted|66214007/);
    for (const { resource } of shared.json.entry) expect(JSON.stringify(resource)).not.toContain(id('problem'));
  });

  test('does not name a hospital to who is not told where the child is', async () => {
    const one = await family();
    const id = `${idOf(one.plan)}-asthma`;
    const who = { identifier: { system: 'urn:careweave:site', value: 'lakeside' }, display: 'Lakeside Hospital' };
    const target = [{ reference: `Condition/${id}` }, { reference: one.child }];
    const plan: any = await one.read(one.plan);
    await put(
      one,
      a.syncActor,
      a.mirrored(a.condition(id, '195967001', { subject: subject(one) })),
      { resourceType: 'Provenance', id, target, recorded: '2026-11-01T00:00:00Z', agent: [{ who }] },
      {
        ...plan,
        addresses: [{ reference: `Condition/${id}` }],
        contributor: [{ type: 'Organization', identifier: who.identifier }],
      },
    );
    expect((await document(one, one.lead)).text).toContain('Lakeside Hospital');
    const code = { coding: [{ system: `${base}/CodeSystem/privacy-flag`, code: 'safe-address' }] };
    await put(one, a.coordinator, { resourceType: 'Flag', id, status: 'active', code, subject: subject(one) });
    one.house.access.forget();
    const told = await document(one, one.lead);
    expect(told.status).toBe(200);
    expect(textOf(section(told.json, 'problems'))).toContain('Problem 195967001');
    const { section: sections } = told.json.entry[0].resource;
    expect(JSON.stringify(sections)).not.toMatch(/lakeside/i);
    expect((await page(one, one.lead)).text).not.toMatch(/lakeside/i);
  });

  test('told again is as it is now: for a change, a new name, a label, a deletion; and each telling is in the audit trail', async () => {
    const one = await family();
    const touched = async () => {
      await document(one, one.lead);
      const rows = await one.house.store.query<{ touched: string[] }>(
        `SELECT entry::jsonb -> 'touched' AS touched
           FROM (SELECT seq, entry FROM audit_pending UNION ALL SELECT seq, entry FROM audit_event) e
          WHERE entry::jsonb ->> 'detail' = 'document' AND jsonb_exists(entry::jsonb -> 'touched', $1)
          ORDER BY seq DESC LIMIT 1`,
        [one.plan],
      );
      return [...(rows[0]?.touched ?? [])].sort();
    };
    const [first, again] = [await touched(), await touched()];
    expect(first).toContain(one.goal);
    expect(again).toEqual(first);
    const goals = async (who: string) => textOf(section((await document(one, who)).json, 'clinician-goals'));
    expect(await goals(one.mother)).toContain('Walk to school');
    const goal: any = await one.read(one.goal);
    await put(one, a.coordinator, { ...goal, target: [{ detailString: 'twice a week' }] });
    expect([await goals(one.mother), await goals(one.lead)].every((text) => text.includes('twice a week'))).toBe(true);
    await put(one, a.coordinator, { resourceType: 'Practitioner', id: idOf(one.lead), name: [{ family: 'Newname' }] });
    expect(textOf(section((await document(one, one.lead)).json, 'care-team'))).toContain('Newname');
    await put(one, a.coordinator, { ...goal, meta: { security: [{ system: act, code: 'SUD' }] } });
    expect(await goals(one.mother)).toBe('');
    expect((await document(one, one.stranger)).status).toBe(404);
    await one.house.store.transact({ kind: 'system', id: 'tool', requestId: 'test' }, (tx) =>
      tx.delete('CarePlan', idOf(one.plan)),
    );
    expect((await document(one, one.lead)).status).toBe(404);
  });

  test('as a page is what a browser can show, and lets no record write into it', async () => {
    const one = await family();
    await put(one, lead(one), {
      ...a.goal(idOf(one.goal), '<script>alert(1)</script> & more', { subject: subject(one) }),
    });
    const { type, text } = await page(one, one.lead);
    expect(type).toMatch(/^text\/html/);
    expect(text).not.toContain('<script');
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; more');
    expect(text).not.toMatch(/(src|href)=|url\(|@import/);
  });
});
