import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Family, openFamily } from '../proposal/support/family.ts';

/** Who has had a part in a plan does not vanish from it, whoever writes. */
let at: Family;
const former = 'http://careweave.org/fhir/StructureDefinition/former-contributor';
const to = (reference: string) => ({ reference });
const put = (who: string, plan: any) => at.house.as(who, 'PUT', `/${at.plan}`, plan);
const issue = (answer: { json: any }) => answer.json.issue[0].diagnostics ?? answer.json.issue[0].details?.text;
const leaving = (who: string, reason?: object) => ({
  url: former,
  extension: [
    { url: 'who', valueReference: to(who) },
    ...(reason ? [{ url: 'reason', valueCodeableConcept: reason }] : []),
  ],
});

beforeAll(async () => {
  at = await openFamily();
  const plan = await at.read(at.plan);
  const named = await put('system', { ...plan, contributor: [to(at.mother), to(at.doctor)] });
  expect([named.status, named.text]).toEqual([200, expect.any(String)]);
}, 60_000);
afterAll(() => at.house.shut());

test('D5 a contributor is not taken out silently, not by a clinician, not by a program, not by a change of order', async () => {
  const before = await at.read(at.plan);
  for (const who of [at.lead, 'system'])
    for (const contributor of [[to(at.doctor)], undefined, [to(at.doctor), to(at.lead)]]) {
      const refused = await put(who, { ...before, contributor });
      expect([refused.status, issue(refused)]).toEqual([
        422,
        expect.stringMatching(/^contributor-kept: .*former-contributor/),
      ]);
    }
  const turned = await put(at.lead, { ...before, contributor: [...before.contributor].reverse() });
  expect(turned.status).toBe(200);
});

test('D5 with the reason it is: who it was stays in the plan, and that cannot be taken out either', async () => {
  const before = await at.read(at.plan);
  const contributor = before.contributor.filter(({ reference }: any) => reference !== at.doctor);
  const unsaid = await put(at.lead, { ...before, contributor, extension: [leaving(at.doctor)] });
  const empty = await put(at.lead, { ...before, contributor, extension: [leaving(at.doctor, { text: ' ' })] });
  expect([unsaid.status, empty.status]).toEqual([422, 422]);
  const said = await put(at.lead, {
    ...before,
    contributor,
    extension: [leaving(at.doctor, { text: 'Has moved away.' })],
  });
  expect([said.status, said.text]).toEqual([200, expect.any(String)]);
  const forgotten = await put(at.lead, { ...said.json, extension: undefined });
  expect([forgotten.status, issue(forgotten)]).toEqual([422, expect.stringMatching(/stays in the plan/)]);
  const back = await put(at.lead, { ...said.json, extension: undefined, contributor: [...contributor, to(at.doctor)] });
  expect([back.status, back.text]).toEqual([200, expect.any(String)]);
});
