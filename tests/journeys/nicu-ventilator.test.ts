import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { extractText, getDocumentProxy, getMeta } from 'unpdf';
import { addRole } from '../../src/access/policy/roles.ts';
import { openPrivacyHouse, type PrivacyHouse } from '../access/support/privacy-house.ts';
import * as r from '../care/emergency/records.ts';
import { unwrap } from '../support/house.ts';
import * as j from './support/nicu-child.ts';

/**
 * Juno leaves the intensive care unit with a tracheostomy and a ventilator. Her plan is not accepted before it says what to do when they fail; what her
 * mother knows becomes part of it; when she has grown it asks to be checked; and a doctor who never saw her reads it at night, of which her team is told.
 */
let house: PrivacyHouse;
let whole: string;
/** The coordinator's own program, through which records are made under given ids. */
const desk = 'system';
const plan = `${j.childId}-emergency`;
const path = `/Patient/${j.childId}/$emergency-plan`;

async function put(who: string, ...resources: any[]) {
  const entry = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  return house.as(who, 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
}
async function document(who: string, format: string, language = 'en') {
  const url = `${house.url}/fhir${path}?_format=${format}&language=${language}`;
  const answer = await fetch(url, { headers: { Authorization: `Bearer ${who.replaceAll('/', '~')}` } });
  return { status: answer.status, headers: answer.headers, bytes: new Uint8Array(await answer.arrayBuffer()) };
}
/** A PDF as an independent reader reads it, without what line ends and justification make of spaces. */
async function printed(who: string, language = 'en') {
  const { status, bytes } = await document(who, 'application/pdf', language);
  expect(status).toBe(200);
  const pdf = await getDocumentProxy(bytes);
  const { text, totalPages } = await extractText(pdf, { mergePages: true });
  const { info } = await getMeta(pdf);
  return { text: text.replace(/\s+/g, ' '), pages: totalPages, info };
}
const tasksOf = async (kind: string) =>
  ((await house.as('system', 'GET', `/Task?patient=${j.childId}&code=${kind}&_count=50`)).json.entry ?? []).map(
    (one: any) => one.resource,
  );
const emergencyPlan = (scenarios: string[]) =>
  r.emergencyPlan(j.childId, scenarios, { partOf: [{ reference: `CarePlan/${whole}` }] });

beforeAll(async () => {
  house = await openPrivacyHouse('2026-11-20T10:00:00-05:00');
  for (const resources of [j.town(), j.record()]) expect((await put(desk, ...resources)).status).toBe(200);
  const composed = await house.as(j.lead, 'POST', `/Patient/${j.childId}/$compose-shared-plan`);
  expect(composed.status).toBe(200);
  whole = composed.json.id;
  unwrap(await addRole(house.store, j.emergencyDoctor, 'break-glass'));
}, 120_000);
afterAll(() => house?.shut());

describe('the newborn who leaves the NICU on a ventilator', () => {
  let proposed: string;

  test('S1.29 the plan is refused while it does not say what to do when a device fails', async () => {
    const refused = await put(desk, emergencyPlan([]));
    expect(refused.status).toBe(422);
    const [issue] = refused.json.issue;
    expect(issue.details.text).toContain(`does not say what to do when Device/${j.childId}-vent fails or comes out`);
    expect(issue.details.text).toContain(`the power goes out, because Device/${j.childId}-vent is a ventilator`);
    expect(issue.details.text).toContain('whom to call');
    expect((await house.as(j.lead, 'GET', `/CarePlan/${plan}`)).status).toBe(404);
    expect((await house.as(j.lead, 'GET', path)).status).toBe(404);
  });

  test('S1.29 her mother proposes a scenario in her own words; nobody else’s family can, and it is in no plan yet', async () => {
    const parameters = (given: [string, string][]) => ({
      resourceType: 'Parameters',
      parameter: given.map(([name, valueString]) => ({ name, valueString })),
    });
    const words: [string, string][] = [
      ['kind', 'device-failure'],
      ['trigger', 'Suena la alarma y no se le mueve el pecho'],
      ['words', 'Se pone morada y no le oigo el aire. Saco el tubo si no pasa la sonda.'],
      ['family-action', 'Quitar el ventilador y apretar la bolsa'],
    ];
    const propose = `/Patient/${j.childId}/$propose-scenario`;
    expect((await house.as('RelatedPerson/somebody-else', 'POST', propose, parameters(words))).status).toBe(404);
    expect(
      (await house.as(j.mother, 'POST', propose, parameters(words.filter(([name]) => name !== 'trigger')))).status,
    ).toBe(400);
    const answer = await house.as(j.mother, 'POST', propose, parameters(words));
    expect(answer.status).toBe(200);
    proposed = answer.json.parameter[0].valueReference.reference.split('/')[1];
    const seen = await house.as(j.mother, 'GET', `/RequestGroup/${proposed}`);
    expect([seen.status, seen.json.status, seen.json.intent]).toEqual([200, 'draft', 'proposal']);
    expect(await tasksOf('emergency-scenario-proposed')).toMatchObject([
      { status: 'requested', owner: { reference: j.lead }, requester: { reference: j.mother } },
    ]);
    expect((await put(desk, emergencyPlan([proposed]))).status).toBe(422);
  });

  test('S1.29 with the steps of the clinicians beside her words, and a power failure, the plan is accepted', async () => {
    const { json: draft } = await house.as(j.lead, 'GET', `/RequestGroup/${proposed}`);
    const steps = r.steps(
      { kind: 'family', text: 'Quitar el ventilador y apretar la bolsa', zone: 'red' },
      { kind: 'call', text: '911, then pulmonology on call' },
      { kind: 'emergency-department', text: 'Suction, then change the tube; never intubate by mouth' },
    );
    const taken = { ...draft, ...steps, status: 'active', intent: 'plan' };
    expect((await put(desk, { ...taken, extension: draft.extension.slice(0, 1) })).status).toBe(422);
    const power = r.scenario(`${j.childId}-power`, j.childId, ['power-failure'], {
      reasonCode: [{ text: 'No power for more than ten minutes' }],
    });
    const access = { ...j.accessPlan(), partOf: [{ reference: `CarePlan/${whole}` }] };
    const written = await put(desk, taken, power, emergencyPlan([proposed, `${j.childId}-power`]), access);
    expect([written.status, written.text.slice(0, 300)]).toEqual([200, expect.any(String)]);
    expect(await tasksOf('emergency-scenario-proposed')).toMatchObject([{ status: 'completed' }]);
  });

  test('S1.28 printed and read back by an independent reader, it is the live record, with its date', async () => {
    const { text, pages, info } = await printed(j.lead);
    expect(pages).toBe(1);
    expect(info.Title).toBe('Emergency plan');
    expect(JSON.stringify(info)).not.toMatch(/Juno|Peñaloza/);
    for (const said of [
      'As of 2026-11-20 15:00 (UTC)',
      'Juno Inés Peñaloza',
      'Weight 5.4 kg (2026-11-15)',
      'NEVER: Oral intubation (because: airway above the tracheostomy is closed; instead: ventilate through the tracheostomy)',
      'Allergy: Latex (reaction: Anaphylaxis)',
      'size 3.5; spare 3.0 and 3.5 in the go bag; changed 2026-11-16',
      'setting PEEP 8 cmH2O',
      'Supplier: Breathe Home Supply 555-0177',
      '“Se pone morada y no le oigo el aire. Saco el tubo si no pasa la sonda.”',
      'Emergency department: Suction, then change the tube; never intubate by mouth',
      'RESCUE: Albuterol 2.5 mg inhaled (every 20 minutes, three times at most)',
      'STRESS DOSE: Hydrocortisone 25 mg IM',
      'Oxygen saturation: 94 %',
      'Ximena Peñaloza (mother; 555-0131)',
      'Dr. Piet Larkin (primary care; Pediatrician; 555-0141)',
      'preferred emergency department: Harbor Children’s Hospital (555-0150; they know her airway)',
    ])
      expect(text).toContain(said);
    // What was measured today is not how she is when well.
    expect(text).not.toContain('171');
    expect(text).not.toContain('TO BE CHECKED AGAIN');
    await put(
      desk,
      r.order(`${j.childId}-budesonide`, j.childId, 'Budesonide 0.25 mg inhaled', {
        dosageInstruction: [{ text: 'once a day' }],
      }),
    );
    const again = await printed(j.lead);
    expect(again.text).toContain('Budesonide 0.25 mg inhaled (once a day)');
    expect(again.text).not.toContain('twice a day');
  });

  test('S1.28 the same for her mother, in Spanish, and as a page and a document', async () => {
    const { text } = await printed(j.mother, 'es');
    expect(text).toContain('Plan de emergencia');
    expect(text).toContain('NUNCA: Oral intubation');
    const page = await document(j.mother, 'text/html', 'es');
    const html = new TextDecoder().decode(page.bytes);
    expect(page.headers.get('content-disposition')).toBe('inline; filename="emergency-plan.html"');
    expect(html).toContain('<html xmlns="http://www.w3.org/1999/xhtml" lang="es"');
    expect(html).toContain('<title>Plan de emergencia</title>');
    expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
    const bundle = (await house.as(j.lead, 'GET', path)).json;
    expect([bundle.type, bundle.entry[0].resource.resourceType]).toEqual(['document', 'Composition']);
    const checked = await house.as('system', 'POST', '/Bundle/$validate', bundle);
    expect(checked.json.issue.filter(({ severity }: any) => severity === 'error' || severity === 'fatal')).toEqual([]);
    expect((await house.as(j.lead, 'GET', `${path}?language=tlh`)).status).toBe(400);
    expect((await house.as('RelatedPerson/somebody-else', 'GET', path)).status).toBe(404);
  });

  test('S1.15 at 02:00 on Sunday the card shows the on-call route, not the closed clinic', async () => {
    const ask = async (query: string) => {
      const { json } = await house.as(j.mother, 'GET', `/Patient/${j.childId}/$first-call?${query}`);
      const named = (name: string) =>
        json.parameter
          .filter((one: any) => one.name === name)
          .map((one: any) => one.part.find((part: any) => part.name === 'name').valueString);
      return { first: named('first'), next: named('next'), closed: named('closed') };
    };
    const night = await ask('at=2026-11-22T02:00:00-05:00');
    expect(night).toEqual({
      first: ['Pulmonology on call'],
      next: ['Breathe Home Supply', 'Harbor Children’s Hospital', 'Ambulance'],
      closed: ['Airway clinic, Harbor Children’s Hospital'],
    });
    expect((await ask('at=2026-11-23T09:00:00-05:00')).first).toEqual(['Airway clinic, Harbor Children’s Hospital']);
    expect((await ask('at=2026-11-26T09:00:00-05:00')).closed).toContain('Airway clinic, Harbor Children’s Hospital');
    expect((await house.as(j.mother, 'GET', `/Patient/${j.childId}/$first-call?at=2026-11-22`)).status).toBe(400);
    expect((await house.as('RelatedPerson/somebody-else', 'GET', `/Patient/${j.childId}/$first-call`)).status).toBe(
      404,
    );
  });

  test('D6 she grows: the plan asks to be checked, in every rendering, by one Task', async () => {
    house.at('2026-11-22T18:00:00-05:00');
    await put(desk, r.weight(`${j.childId}-weight-2`, j.childId, 6.1, '2026-11-22'));
    expect(await tasksOf('emergency-plan-review')).toMatchObject([
      { status: 'requested', owner: { reference: j.lead } },
    ]);
    const why = 'weight changed by more than a tenth';
    expect((await printed(j.lead)).text).toContain(`TO BE CHECKED AGAIN: ${why}`);
    expect(new TextDecoder().decode((await document(j.lead, 'text/html')).bytes)).toContain(`<li>${why}</li>`);
    const [{ resource: composition }] = (await house.as(j.lead, 'GET', path)).json.entry;
    expect(composition.text.div).toContain(why);
    expect(composition.extension[0].extension).toContainEqual({ url: 'due', valueBoolean: true });
  });

  test('PP-51 what her mother may not be told is in no print of hers, and to her it did not happen', async () => {
    const restricted = {
      security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }],
    };
    expect((await put(desk, r.order(`${j.childId}-kept`, j.childId, 'Nevirapine', { meta: restricted }))).status).toBe(
      200,
    );
    const clinician = await printed(j.lead);
    expect(clinician.text).toContain('Nevirapine');
    expect(clinician.text).toContain('TO BE CHECKED AGAIN: weight changed by more than a tenth; new drug.');
    const page = new TextDecoder().decode((await document(j.mother, 'text/html')).bytes);
    const bundle = (await house.as(j.mother, 'GET', path)).text;
    for (const text of [(await printed(j.mother)).text, page, bundle]) {
      expect(text).not.toMatch(/Nevirapine|new drug|"drug"/);
      expect(text).toContain('weight changed by more than a tenth');
    }
    expect(await tasksOf('emergency-plan-review')).toHaveLength(1);
  });

  test('D6 a doctor who must not open her chart breaks the glass at night; her team is told once, and the trail knows', async () => {
    const closed = {
      resourceType: 'Flag',
      id: `${j.childId}-protected`,
      status: 'active',
      code: { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/privacy-flag', code: 'protected-chart' }] },
      subject: j.child,
    };
    expect((await put(desk, closed)).status).toBe(200);
    house.at('2026-11-23T02:10:00-05:00');
    expect((await house.as(j.emergencyDoctor, 'GET', path)).status).toBe(404);
    expect((await document(j.emergencyDoctor, 'application/pdf')).status).toBe(404);
    const opened = await house.as(j.emergencyDoctor, 'POST', `/Patient/${j.childId}/$break-glass`, {
      resourceType: 'Parameters',
      parameter: [
        { name: 'reason', valueCode: 'ETREAT' },
        { name: 'explanation', valueString: 'blue, ventilator alarm' },
      ],
    });
    expect(opened.status).toBe(200);
    expect((await printed(j.emergencyDoctor)).text).toContain('NEVER: Oral intubation');
    expect((await house.as(j.emergencyDoctor, 'GET', path)).status).toBe(200);
    const told = await tasksOf('emergency-access-notice');
    expect(told.map(({ owner }: any) => owner.reference).sort()).toEqual([j.lead, j.pediatrician].sort());
    expect(JSON.stringify(told)).not.toContain('ventilator alarm');
    const trail = await house.as('client/auditor', 'GET', `/AuditEvent?patient=${j.childId}&_count=200`);
    const byDoctor = trail.json.entry
      .map((one: any) => one.resource)
      .filter((one: any) => JSON.stringify(one.agent).includes(j.emergencyDoctor));
    expect(byDoctor.length).toBeGreaterThanOrEqual(2);
  });

  test('D6 the check is held: the plan is in force again', async () => {
    const [task] = await tasksOf('emergency-plan-review');
    expect(
      (await put(desk, { ...task, status: 'completed', executionPeriod: { end: '2026-11-23T07:10:00Z' } })).status,
    ).toBe(200);
    const { text } = await printed('system');
    expect(text).not.toContain('TO BE CHECKED AGAIN');
    expect(text).toContain('Last checked 2026-11-23');
  });
});
