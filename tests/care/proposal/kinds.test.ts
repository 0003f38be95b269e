import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { code, type Family, openFamily, ref, whole, words } from './support/family.ts';

/** What a family may propose besides lines of the plan, what it may not, and how it becomes true. */
let at: Family;
beforeAll(async () => {
  at = await openFamily();
}, 60_000);
afterAll(() => at.house.shut());

const why = words('reason', 'So that everybody knows.');
const issue = (answer: { json: any }) => answer.json.issue[0].diagnostics ?? answer.json.issue[0].details?.text;
const propose = (who: string, ...parameters: object[]) =>
  at.operation(who, `${at.plan}/$propose`, [why, ...parameters]);
const add = (resource: object) => propose(at.mother, code('action', 'add'), whole('proposed', resource));
const answer = (who: string, task: string, ...more: object[]) =>
  at.operation(who, `Task/${task}/$answer-proposal`, more);
const concept = (system: string, one: string) => ({ coding: [{ system, code: one }] });
const resultOf = (task: any) =>
  task.output.find(({ type }: any) => type.coding[0].code === 'result').valueReference.reference;

const wish = { resourceType: 'Appointment', status: 'proposed', description: 'In the afternoon, after school' };
const preference = {
  resourceType: 'Observation',
  status: 'final',
  category: [concept('http://hl7.org/fhir/us/core/CodeSystem/us-core-category', 'care-experience-preference')],
  code: concept('http://loinc.org', '95541-9'),
  valueString: 'Say what you do before you touch him.',
};
const contact = {
  resourceType: 'RelatedPerson',
  name: [{ text: 'Ada Example' }],
  relationship: [concept('http://terminology.hl7.org/CodeSystem/v3-RoleCode', 'GRMTH')],
  telecom: [{ system: 'phone', value: '+1-555-0187' }],
};

describe('D5 is refused, with a sentence', () => {
  test.each<[string, object, RegExp]>([
    [
      'a prescription',
      { resourceType: 'MedicationRequest', status: 'draft', intent: 'proposal' },
      /prescribes or orders/,
    ],
    [
      'an order of food',
      { resourceType: 'NutritionOrder', status: 'draft', intent: 'proposal' },
      /prescribes or orders/,
    ],
    ['a measurement', { ...preference, category: [{ text: 'vital signs' }] }, /only preferences are proposed/],
    ['a booked appointment', { ...wish, status: 'booked' }, /has the status proposed/],
    ['a slot', { ...wish, slot: [{ display: 'Monday' }] }, /takes no slot/],
    ['a contact that nobody can reach', { ...contact, telecom: undefined }, /a way to be reached/],
    ['a team', { resourceType: 'CareTeam', status: 'active' }, /A CareTeam is not one of them/],
    ['of another child', { ...wish, participant: [{ actor: { reference: 'Patient/x' }, status: 'accepted' }] }, /./],
  ])('%s', async (_, resource, words) => {
    const refused = await add(resource);
    expect([refused.status, issue(refused)]).toEqual([422, expect.stringMatching(words)]);
  });

  test('by plain FHIR the same', async () => {
    const task = {
      ...{ resourceType: 'Task', status: 'requested', intent: 'proposal', reasonCode: { text: 'x' } },
      code: concept('http://careweave.org/fhir/CodeSystem/care-task', 'plan-change'),
      contained: [
        { ...preference, id: 'proposed', category: [{ text: 'vital signs' }], subject: { reference: at.child } },
      ],
      ...{ basedOn: [{ reference: at.plan }], focus: { reference: at.plan }, for: { reference: at.child } },
      requester: { reference: at.lead },
      input: [
        { type: concept('http://careweave.org/fhir/CodeSystem/plan-proposal', 'action'), valueCode: 'add' },
        {
          type: concept('http://careweave.org/fhir/CodeSystem/plan-proposal', 'proposed'),
          valueReference: { reference: '#proposed' },
        },
      ],
    };
    const refused = await at.house.as(at.lead, 'POST', '/Task', task);
    expect([refused.status, issue(refused)]).toEqual([422, expect.stringMatching(/only preferences/)]);
  });
});

describe('D5 S2.26 is proposed, and becomes true when a clinician accepts', () => {
  test.each<[string, object, string]>([
    ['a wish for an appointment', wish, 'participant'],
    ['a preference', preference, 'subject'],
    ['a contact', contact, 'patient'],
  ])('%s', async (_, resource, element) => {
    const asked = await add(resource);
    expect([asked.status, asked.text]).toEqual([200, expect.any(String)]);
    const accepted = await answer(at.lead, asked.json.id, code('answer', 'accept'));
    expect([accepted.status, accepted.text]).toEqual([200, expect.any(String)]);
    const made = await at.read(resultOf(accepted.json));
    expect(made).toMatchObject(element === 'participant' ? wish : resource);
    expect(JSON.stringify(made[element])).toContain(at.child);
    const lines = (await at.read(at.plan)).activity ?? [];
    const isLine = lines.some(({ reference }: any) => reference.reference === resultOf(accepted.json));
    expect(isLine).toBe(element === 'participant');
  });

  test('a member of the team: the whole team as it should be, of which only the members count', async () => {
    const team = (await at.read(at.plan)).careTeam[0].reference;
    const seen = (await at.house.as(at.mother, 'GET', `/${team}`)).json;
    const teacher = { role: [{ text: 'Teacher' }], member: { display: 'Ms. Invented' } };
    const change = (more: object) =>
      propose(
        at.mother,
        code('action', 'change'),
        ref('target', team),
        whole('proposed', { ...seen, participant: [...seen.participant, teacher], ...more }),
      );
    const refused = await change({ name: 'Ours' });
    expect([refused.status, issue(refused)]).toEqual([422, expect.stringMatching(/and not name/)]);
    const foreign = await propose(
      at.mother,
      code('action', 'change'),
      ref('target', 'CareTeam/never-was'),
      whole('proposed', seen),
    );
    expect(foreign.status).toBe(422);
    const asked = await change({});
    expect([asked.status, asked.text]).toEqual([200, expect.any(String)]);
    const accepted = await answer(at.lead, asked.json.id, code('answer', 'accept'));
    expect([accepted.status, accepted.text]).toEqual([200, expect.any(String)]);
    expect((await at.read(team)).participant).toContainEqual(
      expect.objectContaining({ member: { display: 'Ms. Invented' } }),
    );
  });
});
