import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCare } from '../../../src/care/care.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';

let time = new Date('2026-11-15T12:00:00.000Z');
const clock = { now: () => time };
const care = createCare({ clock });
const careActor = { kind: 'system', id: 'care', requestId: 'test' } as const;
let at: TestStore;
let planId: string;

beforeAll(async () => {
  at = await createTestStore({ ...care.module, clock });
  await a.put(
    at.store,
    a.coordinator,
    { ...a.patient, name: [{ text: 'Robin <b>Example</b>' }] },
    {
      resourceType: 'RelatedPerson',
      id: 'mother',
      patient: a.child,
      name: [{ text: 'Ana & Co' }],
      relationship: [{ text: 'Mother' }],
    },
    a.goal('family', 'Go to <script>alert(1)</script> camp & "swim"', {
      expressedBy: { reference: 'RelatedPerson/mother' },
    }),
    a.goal('secret', 'A confidential matter', {
      meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] },
    }),
    a.condition('asthma', '195967001'),
    a.request('clinic', 'Allergy clinic', {
      reasonReference: [{ reference: 'Condition/asthma' }],
      requester: { display: 'Dr. Reed' },
    }),
    a.task('control', `Odd \u0000\u001b character`),
  );
  planId = await compose();
});
afterAll(() => at.drop());

async function compose(): Promise<string> {
  const composed = await at.store.transact(careActor, (tx) => care.composePlan(tx, a.childId));
  if (!composed.ok) throw new Error(composed.error.issues[0]?.text);
  return composed.value.planId;
}

async function html(id = planId): Promise<string> {
  const document = await care.renderPlanDocument(at.store, id);
  if (!document.ok) throw new Error(document.error.issues[0]?.text);
  return document.value.html;
}

describe('renderPlanDocument', () => {
  test('finds no plan in another resource, or in another kind of plan', async () => {
    expect(await care.renderPlanDocument(at.store, 'nothing')).toMatchObject({
      ok: false,
      error: { kind: 'not-found' },
    });
    await a.put(at.store, a.coordinator, a.hospitalPlan('other-kind'));
    expect(await care.renderPlanDocument(at.store, 'other-kind')).toMatchObject({
      ok: false,
      error: { kind: 'not-found' },
    });
  });

  test("shows nothing of another child, whatever the plan's records point to", async () => {
    const other = { reference: 'Patient/other' };
    const medication = (text: string) => ({ status: 'active', intent: 'order', medicationCodeableConcept: { text } });
    await a.put(
      at.store,
      a.coordinator,
      { resourceType: 'Patient', id: 'other', name: [{ text: 'Othername' }] },
      { resourceType: 'RelatedPerson', id: 'others-mother', patient: other, name: [{ text: 'Othermother' }] },
      { resourceType: 'MedicationRequest', id: 'of-other', subject: other, ...medication('Othermedicine') },
      { resourceType: 'MedicationRequest', id: 'of-child', subject: a.child, ...medication('Ownmedicine') },
    );
    const before = await at.store.read('CarePlan', planId);
    const found = JSON.parse(before?.json ?? '');
    // Who is named once stays named.
    const contributor = [...(found.contributor ?? []), other, { reference: 'RelatedPerson/others-mother' }];
    const plan = { ...found, contributor };
    const medicationOf = (id: string) => ({ reference: { reference: `MedicationRequest/${id}` } });
    // A person is refused such a line.
    await a.put(at.store, a.program, { ...plan, activity: [...(plan.activity ?? []), medicationOf('of-other')] });
    expect(await html()).not.toMatch(/Other(name|mother|medicine)/);
    await a.put(at.store, a.coordinator, { ...plan, activity: [...(plan.activity ?? []), medicationOf('of-child')] });
    expect(await html()).toContain('Ownmedicine');
    await a.put(at.store, a.coordinator, plan);
  });

  test('lets no record write into the page', async () => {
    const text = await html();
    expect(text).not.toContain('<script');
    expect(text).not.toContain('<b>');
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt; camp &amp; &quot;swim&quot;');
    expect(Array.from(text).filter((c) => c.charCodeAt(0) < 32 && c !== '\n')).toEqual([]);
  });

  test('is well-formed and loads nothing', async () => {
    const text = await html();
    const open: string[] = [];
    for (const [, close, name, self] of text.matchAll(/<(\/)?([a-z0-9]+)[^>]*?(\/)?>/g)) {
      if (self) continue;
      if (close) expect(open.pop()).toBe(name);
      else open.push(name ?? '');
    }
    expect(open).toEqual([]);
    expect(text).not.toMatch(/(src|href)=|url\(|@import/);
  });

  test('leaves out what is confidential', async () => {
    expect(await html()).not.toContain('confidential');
  });

  test('has the family’s goals first, in their words, then the problems', async () => {
    const text = await html();
    expect(text).toContain('Ana &amp; Co (mother)');
    expect(text.indexOf('What matters to the family')).toBeLessThan(text.indexOf('By problem'));
    expect(text).toContain('Allergy clinic (requested, no answer known; asked by Dr. Reed)');
  });

  test('does not change with time, only with what it says', async () => {
    const before = await html();
    time = new Date('2027-01-01T00:00:00.000Z');
    expect(await compose()).toBe(planId);
    expect(await html()).toBe(before);
    expect(before).toContain('As of 2026-11-15');
    await a.put(at.store, a.coordinator, a.goal('another', 'Read aloud'));
    await compose();
    const after = await html();
    expect(after).toContain('Read aloud');
    expect(after).toContain('As of 2027-01-01');
  });
});
