import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  addFamily,
  code,
  type Family,
  goalOf,
  openFamily,
  ref,
  whole,
  words,
} from '../care/proposal/support/family.ts';

/**
 * A mother says in Spanish what she wants for her child, with five levels of how far it might come. The coordinator accepts it, both see it in
 * the plan, the mother scores it. One wish of hers is rejected, with the reason; another is granted. Everybody asks through the public API.
 */
let at: Family;
beforeAll(async () => {
  at = await openFamily();
}, 60_000);
afterAll(() => at?.house.shut());

const scaleUrl = 'http://hl7.org/fhir/us/pco/StructureDefinition/pco-goal-attainment-scaling';
const loinc = (value: string) => ({ system: 'http://loinc.org', code: value });
const level = (answer: string, progressText: string) => ({
  url: scaleUrl,
  extension: [
    { url: 'level', valueCoding: loinc(answer) },
    { url: 'progressText', valueString: progressText },
  ],
});
const said = 'Que Robin camine solo hasta la escuela, como su hermana';
const levels = [
  level('LA34484-8', 'No sale de casa'),
  level('LA34483-0', 'Camina hasta la esquina'),
  level('LA34481-4', 'Camina hasta la escuela'),
  level('LA34480-6', 'Camina ida y vuelta'),
  level('LA34479-8', 'Camina y lleva a su hermana'),
];

const issue = (answer: { json: any }) => answer.json.issue[0].diagnostics ?? answer.json.issue[0].details?.text;
const outputOf = (task: any, name: string) => task.output.find(({ type }: any) => type.coding[0].code === name);
const propose = (...parameters: object[]) => at.operation(at.mother, `${at.plan}/$propose`, parameters);
const answer = (who: string, task: string, ...parameters: object[]) =>
  at.operation(who, `Task/${task}/$answer-proposal`, parameters);
/** Reads, changes, puts back, as a client does. */
async function change(who: string, reference: string, more: (before: any) => object) {
  const before = (await at.house.as(who, 'GET', `/${reference}`)).json;
  return at.house.as(who, 'PUT', `/${reference}`, { ...before, ...more(before) });
}
const attainment = async (who: string, goal: string) => {
  const { status, json } = await at.house.as(who, 'GET', `/${goal}/$attainment`);
  expect(status).toBe(200);
  return json.parameter as any[];
};
const toldAs = (parameters: any[], name: string) => {
  const found = parameters.find((one) => one.name === name);
  return found?.valueCode ?? found?.valueBoolean ?? found?.valueString;
};

describe('a mother’s goal', () => {
  let goal: string;

  test('she says it in her own words, with five levels; the coordinator accepts it, and it is negotiated', async () => {
    const hers = goalOf(at.child, said, {
      meta: { profile: ['http://careweave.org/fhir/StructureDefinition/family-goal'] },
      language: 'es',
      expressedBy: { reference: at.mother },
      extension: levels,
    });
    const proposed = await propose(
      code('action', 'add'),
      words('reason', 'Robin quiere ir con su hermana.'),
      whole('proposed', hers),
    );
    expect([proposed.status, proposed.text]).toEqual([200, expect.any(String)]);
    expect(proposed.json).toMatchObject({
      owner: { reference: at.lead },
      reasonCode: { text: expect.stringMatching(/^Robin/) },
    });
    await answer(
      at.doctor,
      proposed.json.id,
      code('answer', 'opinion'),
      code('opinion', 'agree'),
      words('reason', 'Good for his hips.'),
    );
    const accepted = await answer(at.lead, proposed.json.id, code('answer', 'accept'), words('reason', 'Let us try.'));
    expect([accepted.status, accepted.text]).toEqual([200, expect.any(String)]);
    goal = outputOf(accepted.json, 'result').valueReference.reference;
    expect(await at.read(goal)).toMatchObject({
      description: { text: said },
      expressedBy: { reference: at.mother },
      language: 'es',
    });
    expect(toldAs(await attainment(at.mother, goal), 'negotiated')).toBe(true);
    const mine = (await at.house.as(at.mother, 'GET', `/Task/${proposed.json.id}`)).json;
    expect(mine.note.map(({ text }: any) => text)).toEqual(['Good for his hips.', 'Let us try.']);
    const page = await at.house.as(at.mother, 'GET', `/${at.plan}/$document`);
    expect(page.text).toContain(said);
  });

  test('her words stay as she said them; a translation stands beside them', async () => {
    const replaced = await change(at.lead, goal, () => ({
      description: { text: 'Walk to school alone' },
      language: 'en',
    }));
    expect([replaced.status, issue(replaced)]).toEqual([422, expect.stringContaining('goal-own-words')]);
    const translation = {
      url: 'http://hl7.org/fhir/StructureDefinition/translation',
      extension: [
        { url: 'lang', valueCode: 'en' },
        { url: 'content', valueString: 'That Robin walks to school alone, like his sister' },
      ],
    };
    const beside = await change(at.lead, goal, ({ description }) => ({
      lifecycleStatus: 'active',
      description: { ...description, _text: { extension: [translation] } },
    }));
    expect([beside.status, beside.text]).toEqual([200, expect.any(String)]);
    expect((await at.read(goal)).description.text).toBe(said);
  });

  test('S4.2 she scores it by her levels at a coaching visit, which suggests that it is reached; the coordinator says so', async () => {
    const score = (more: object = {}) => ({
      resourceType: 'Observation',
      meta: { profile: ['http://careweave.org/fhir/StructureDefinition/goal-attainment-score'] },
      status: 'final',
      category: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'survey' }] },
      ],
      code: { coding: [loinc('107331-1')] },
      subject: { reference: at.child },
      focus: [{ reference: goal }],
      effectiveDateTime: '2026-11-23',
      performer: [{ reference: at.mother }],
      valueCodeableConcept: { coding: [loinc('LA34480-6')] },
      ...more,
    });
    const coaching = [{ coding: [{ system: 'http://careweave.org/fhir/CodeSystem/care-task', code: 'coaching' }] }];
    const visit = {
      resourceType: 'Encounter',
      status: 'in-progress',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HH' },
      type: coaching,
      subject: { reference: at.child },
    };
    const { id } = (await at.house.as(at.lead, 'POST', '/Encounter', visit)).json;
    const early = await change(at.lead, `Encounter/${id}`, () => ({ status: 'finished' }));
    expect([early.status, issue(early)]).toEqual([422, expect.stringContaining('coaching-progress')]);
    const elsewhere = await at.house.as(at.mother, 'POST', '/Observation', score({ focus: [{ reference: at.goal }] }));
    expect([elsewhere.status, issue(elsewhere)]).toEqual([422, expect.stringContaining('goal-score')]);
    const scored = await at.house.as(
      at.mother,
      'POST',
      '/Observation',
      score({ encounter: { reference: `Encounter/${id}` } }),
    );
    expect([scored.status, scored.text]).toEqual([201, expect.any(String)]);
    expect((await change(at.lead, `Encounter/${id}`, () => ({ status: 'finished' }))).status).toBe(200);
    const told = await attainment(at.mother, goal);
    expect(toldAs(told, 'suggests')).toBe('achieved');
    expect(told.find(({ name }) => name === 'score').part).toEqual([
      { name: 'voice', valueCode: 'caregiver' },
      { name: 'level', valueInteger: 1 },
      { name: 'date', valueDateTime: '2026-11-23' },
      { name: 'text', valueString: 'Camina ida y vuelta' },
    ]);
    const system = 'http://terminology.hl7.org/CodeSystem/goal-achievement';
    const achieved = { achievementStatus: { coding: [{ system, code: 'achieved' }] } };
    expect((await change(at.lead, goal, () => achieved)).status).toBe(422);
    expect((await change(at.lead, goal, () => ({ ...achieved, statusDate: '2026-11-23' }))).status).toBe(200);
  });
});

describe('her wishes for the plan', () => {
  test('S2.26 one is rejected with the reason, which she reads; it stays', async () => {
    const wish = await propose(
      code('action', 'add'),
      words('reason', 'Para que aprenda a nadar.'),
      whole('proposed', goalOf(at.child, 'Natación dos veces por semana')),
    );
    const rejected = await answer(
      at.lead,
      wish.json.id,
      code('answer', 'reject'),
      words('reason', 'Not before the tube is out.'),
    );
    expect(rejected.status).toBe(200);
    const read = (await at.house.as(at.mother, 'GET', `/Task?requester=${at.mother}&status=rejected`)).json;
    expect(
      read.entry.map(({ resource }: any) => [resource.statusReason.text, resource.contained[0].description.text]),
    ).toEqual([['Not before the tube is out.', 'Natación dos veces por semana']]);
    expect(JSON.stringify((await at.read(at.plan)).goal)).not.toContain(wish.json.id);
  });

  test('S2.26 another is granted: a day later than the plan said', async () => {
    const mine = (await at.house.as(at.mother, 'GET', `/${at.goal}`)).json;
    const wish = await propose(
      code('action', 'change'),
      ref('target', at.goal),
      words('reason', 'En invierno no se puede.'),
      whole('proposed', { ...mine, target: [{ dueDate: '2027-04-01' }] }),
    );
    const accepted = await answer(at.lead, wish.json.id, code('answer', 'accept'));
    expect([accepted.status, accepted.json.status]).toEqual([200, 'completed']);
    expect((await at.read(at.goal)).target).toEqual([{ dueDate: '2027-04-01' }]);
  });

  test('S2.26 she answers the doctor’s goal herself: rejected, it stays in the plan with her reason', async () => {
    const made = await at.house.as(at.doctor, 'POST', '/Goal', goalOf(at.child, 'Lose two kilograms'));
    const theirs = `Goal/${made.json.id}`;
    await change(at.doctor, at.plan, ({ goal }) => ({ goal: [...goal, { reference: theirs }] }));
    const say = (who: string, ...parameters: object[]) => at.operation(who, `${theirs}/$answer-goal`, parameters);
    expect((await say(at.mother, code('answer', 'reject'))).status).toBe(400);
    expect((await say(at.stranger, code('answer', 'agree'))).status).toBe(404);
    expect((await say(at.mother, code('answer', 'agree'), ref('onBehalfOf', at.lead))).status).not.toBe(200);
    expect((await say('system', code('answer', 'agree'))).status).toBe(400);
    expect((await say(at.doctor, code('answer', 'agree'))).status).toBe(200);
    const rejected = await say(
      at.mother,
      code('answer', 'reject'),
      words('reason', 'No es su peso lo que le molesta.'),
    );
    expect([rejected.status, rejected.json.lifecycleStatus]).toEqual([200, 'rejected']);
    const told = await attainment(at.doctor, theirs);
    expect([toldAs(told, 'family'), toldAs(told, 'clinicians'), toldAs(told, 'negotiated')]).toEqual([
      'disagree',
      'agree',
      false,
    ]);
    expect(toldAs(told, 'rejectedBecause')).toBe('No es su peso lo que le molesta.');
    const page = await at.house.as(at.doctor, 'GET', `/${at.plan}/$document`);
    expect(page.text).toContain('rejected because: No es su peso lo que le molesta.');
    const without = await change(at.doctor, at.plan, ({ goal }) => ({
      goal: goal.filter(({ reference }: any) => reference !== theirs),
    }));
    expect([without.status, issue(without)]).toEqual([422, expect.stringContaining('rejected-goal-stays')]);
  });

  test('a goal that a hospital sent is answered there, and not in its mirror', async () => {
    const mirror = goalOf(at.child, 'HbA1c', { meta: { source: 'urn:careweave:site:lakeside#Goal/1' } });
    const sync = { kind: 'system', id: 'ehr', requestId: 'sync' } as const;
    const id = `${at.goal.slice(5)}-mirror`;
    const sent = await at.house.store.transact(sync, (tx) => tx.create({ ...mirror }, { id }));
    expect(sent.ok).toBe(true);
    const refused = await at.operation(at.mother, `Goal/${id}/$answer-goal`, [code('answer', 'agree')]);
    expect([refused.status, issue(refused)]).toEqual([422, expect.stringContaining('hospital')]);
  });

  test('the coordinator writes down what the father said on the telephone, in his name', async () => {
    const father = `RelatedPerson/${at.goal.slice(5)}-father`;
    const person = { resourceType: 'RelatedPerson', id: father.slice(14), patient: { reference: at.child } };
    await at.house.as('system', 'PUT', `/${father}`, person);
    const parameters = [code('answer', 'disagree'), words('reason', 'Too far for him'), ref('onBehalfOf', father)];
    const answered = await at.operation(at.lead, `${at.goal}/$answer-goal`, parameters);
    expect([answered.status, answered.text]).toEqual([200, expect.any(String)]);
    const told = (await at.house.as('system', 'GET', `/Provenance?target=${at.goal}&_sort=-recorded`)).json.entry;
    const agents = told.flatMap(({ resource }: any) => resource.agent);
    expect(agents).toContainEqual(
      expect.objectContaining({ who: { reference: at.lead }, onBehalfOf: { reference: father } }),
    );
    const stranger = await at.operation(at.lead, `${at.goal}/$answer-goal`, [
      code('answer', 'agree'),
      ref('onBehalfOf', at.stranger),
    ]);
    expect(stranger.status).toBe(422);
  });
});

describe('the measure of plans with a goal of the family', () => {
  test('S1.22 a clinician’s goal alone does not satisfy it; one that the mother said and the coordinator accepted does', async () => {
    const family = await addFamily(at.house);
    const present = async () => {
      const period = 'periodStart=2026-01-01&periodEnd=2026-12-31';
      const asked = `/Measure/$evaluate-measure?measure=family-goal-present&${period}&subject=${family.child}`;
      const { json } = await at.house.as('system', 'GET', asked);
      const counts = json.group[0].population.map(({ code: which, count }: any) => [which.coding[0].code, count]);
      return Object.fromEntries(counts);
    };
    await change(at.lead, family.goal, () => ({ expressedBy: { reference: family.doctor } }));
    expect(await present()).toMatchObject({ denominator: 1, numerator: 0 });
    const hers = goalOf(family.child, said, { expressedBy: { reference: family.mother } });
    const wish = [code('action', 'add'), words('reason', 'x'), whole('proposed', hers)];
    const { json } = await family.operation(family.mother, `${family.plan}/$propose`, wish);
    expect(await present()).toMatchObject({ denominator: 1, numerator: 0 });
    await family.operation(family.lead, `Task/${json.id}/$answer-proposal`, [code('answer', 'accept')]);
    expect(await present()).toMatchObject({ denominator: 1, numerator: 1 });
  });
});
