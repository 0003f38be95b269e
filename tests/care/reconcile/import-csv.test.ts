import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestHouse, type TestHouse } from '../../support/house.ts';

const mrn = 'http://hospital.example/mrn';
const heading = 'child,birth_date,plan,kind,item,text,code_system,code,status,start,end,owner,serves,note';
const first = `${mrn}|A-1`;

let house: TestHouse;
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'careweave-import-'));
  house = await openTestHouse();
  for (const [id, value] of [
    ['one', 'A-1'],
    ['two', 'A-2'],
  ])
    await house.fhir('PUT', `/Patient/${id}`, {
      ...{ resourceType: 'Patient', id, birthDate: '2018-02-03', name: [{ family: 'Example' }] },
      identifier: [{ system: mrn, value }],
    });
});
afterAll(async () => {
  rmSync(dir, { recursive: true, force: true });
  await house.shut();
});

const good = (plan: string, child = first) =>
  [
    `${child},2018-02-03,${plan},plan,,"Asthma program, year 2",http://snomed.info/sct,734163000,active,2024-09-01,2025-08-31,Odette Fictional RN,,`,
    `${child},2018-02-03,${plan},problem,p1,Asthma,http://snomed.info/sct,195967001,,2021,,,,`,
    `${child},2018-02-03,${plan},goal,g1,"Sleep through the night\nwithout coughing",,,,2024-09-01,2025-03-01,,p1,`,
    `${child},2018-02-03,${plan},activity,,Teach the spacer,,,in-progress,2024-09-15,,School nurse,g1 p1,With the ""green"" one`.replaceAll(
      '""',
      '',
    ),
    `${child},2018-02-03,${plan},allergy,,Peanut,,,,,,,,`,
    `${child},2018-02-03,${plan},medication,,Albuterol inhaler,,,,2024-09-01,,,,Two puffs when needed`,
    `${child},2018-02-03,${plan},team,,Primary care physician,,,,,,Basil Invented,,`,
  ].join('\n');
const table = (...rows: string[]) => [heading, ...rows].join('\n');
const send = (text: string, query = '') =>
  house.fhir('POST', `/CarePlan/$import${query}`, {
    resourceType: 'Binary',
    contentType: 'text/csv',
    data: Buffer.from(text).toString('base64'),
  });
const texts = ({ json }: { json: any }) => json.issue.map((one: any) => one.details?.text ?? one.diagnostics);
const read = async (reference: string) => (await house.fhir('GET', `/${reference.split('/_history')[0]}`)).json;
async function counts() {
  const types = ['CarePlan', 'Task', 'Goal', 'Condition', 'CareTeam', 'DocumentReference', 'Provenance'];
  return Promise.all(types.map(async (type) => (await house.fhir('GET', `/${type}?_summary=count`)).json.total));
}

describe('CarePlan/$import of a table', () => {
  test.each([
    ['without a heading', good('x'), /first line names the columns/],
    ['with a column missing', table(good('x')).replace(',serves', ''), /there is no serves/],
    ['with a column that is not known', table(good('x')).replace('note', 'note,color'), /not known or come twice/],
    ['without rows', `${heading}\n`, /no rows/],
    ['with a quote that is not closed', `${table(good('x'))}\n"`, /quote/],
  ])('refuses one %s', async (_name, text, said) => {
    const before = await counts();
    const answer = await send(text);
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(said);
    expect(await counts()).toEqual(before);
  });

  test('S4.27 refuses each wrong row with its line and the reason, and then writes nothing of any plan', async () => {
    const before = await counts();
    const row = (cells: string) => `${first},2018-02-03,bad,${cells}`;
    const answer = await send(
      table(
        good('fine'),
        row('wish,,x,,,,,,,,'),
        row('goal,,,,,,,,,,'),
        row('goal,,Walk,,,done,,,,,'),
        row('goal,,Walk,,,,2025-02-30,,,,'),
        row('goal,,Walk,,,,2025-03-01,2025-02-01,,,'),
        row('problem,,Asthma,http://snomed.info/sct,,,,,,,'),
        row('problem,,Asthma,snomed,1,,,,,,'),
        row('team,,Nurse,,,,,,,,'),
        row('allergy,,Nut,,,,,,Somebody,,'),
        row('goal,,Walk,,,,,,'),
        `${first},2018,bad,goal,,Walk,,,,,,,,`,
      ),
    );
    expect(answer.status).toBe(422);
    expect(texts(answer)).toEqual([
      'Nothing was imported: rows of the table are refused.',
      'Line 10: kind has to be one of plan, problem, allergy, medication, goal, activity, team.',
      'Line 11: text is missing.',
      'Line 12: status has to be one of active, on-hold, completed, cancelled.',
      'Line 13: start has to be a day that there is, as 2019-04-30.',
      'Line 14: end is before start.',
      'Line 15: code and code_system come together.',
      'Line 16: code_system has to be the address of a code system, as http://snomed.info/sct.',
      'Line 17: owner has to name the member of the team, text the role.',
      'Line 18: owner means nothing in a row of the kind allergy.',
      'Line 19: it has another number of cells than the first line.',
      'Line 20: birth_date has to be a day, as 2019-04-30.',
    ]);
    expect(await counts()).toEqual(before);
  });

  test('S4.27 refuses rows that do not fit together, and children who are not here or were born on another day', async () => {
    const before = await counts();
    const plan = (child: string, born: string, number: string) => `${child},${born},${number},plan,,Plan,,,,,,,,`;
    const answer = await send(
      table(
        `${first},2018-02-03,headless,goal,g,Walk,,,,,,,,`,
        plan(first, '2018-02-03', 'twice'),
        plan(first, '2018-02-03', 'twice'),
        `${first},2018-02-03,twice,goal,g,Walk,,,,,,,,`,
        `${first},2018-02-03,twice,problem,g,Asthma,,,,,,,,`,
        `${first},2018-02-03,twice,activity,,Swim,,,,,,,nothing,`,
        plan(first, '2018-02-04', 'another day'),
        plan('Patient/never-was', '2018-02-03', 'nobody'),
        plan(`${mrn}|`, '2018-02-03', 'no value'),
      ),
    );
    expect(answer.status).toBe(422);
    expect(texts(answer).slice(1)).toEqual([
      'Line 2: its plan has no row of the kind plan.',
      'Line 4: its plan has two rows of the kind plan.',
      'Line 6: item is the name of another row of its plan.',
      'Line 7: serves has to name rows of its plan of the kind goal or problem.',
      'Line 8: child and birth_date name no child here, or more than one.',
      'Line 9: child and birth_date name no child here, or more than one.',
      'Line 10: child and birth_date name no child here, or more than one.',
    ]);
    expect(answer.text).not.toMatch(/Walk|never-was|A-1/);
    expect(await counts()).toEqual(before);
  });

  test('S4.27 plans of several children come in one table; each passes our profile or lists what is missing', async () => {
    const answer = await send(table(good('10'), `Patient/two,2018-02-03,11,plan,,Bare plan,,,,,,,,`));
    expect({ status: answer.status, issue: answer.json.issue }).toEqual({ status: 200 });
    const [rich, bare] = answer.json.parameter.map(({ part }: any) => part);
    const of = (parts: any[], name: string) => parts.filter((one) => one.name === name);
    expect(of(rich, 'conforms')[0].valueBoolean).toBe(true);
    expect(of(bare, 'conforms')[0].valueBoolean).toBe(false);
    expect(of(bare, 'missing').map(({ valueString }: any) => valueString.split(':')[0])).toEqual([
      ...['CarePlan.category', 'CarePlan.period', 'CarePlan.author', 'CarePlan.addresses', 'CarePlan.goal'],
    ]);
    const plan = await read(of(rich, 'plan')[0].valueReference.reference);
    expect(plan).toMatchObject({
      title: 'Asthma program, year 2',
      subject: { reference: 'Patient/one' },
      period: { start: '2024-09-01', end: '2025-08-31' },
      author: { display: 'Odette Fictional RN' },
    });
    const goal = await read(plan.goal[0].reference);
    expect(goal).toMatchObject({
      description: { text: 'Sleep through the night\nwithout coughing' },
      addresses: plan.addresses,
      target: [{ dueDate: '2025-03-01' }],
    });
    const task = await read(plan.activity[0].reference.reference);
    expect(task).toMatchObject({
      resourceType: 'Task',
      status: 'in-progress',
      owner: { display: 'School nurse' },
      extension: [{ valueReference: { reference: `Goal/${goal.id}` } }],
      reasonReference: plan.addresses[0],
    });
    const kept = async (parts: any[]) => {
      const document = await read(of(parts, 'document')[0].valueReference.reference);
      return Buffer.from(document.content[0].attachment.data, 'base64').toString();
    };
    expect(await kept(rich)).toContain('Teach the spacer');
    expect(await kept(bare)).not.toContain('Teach the spacer');
    expect(await kept(bare)).toContain('Bare plan');
  });

  test('what comes in one plan is not held against itself, but against the rest of the record', async () => {
    await house.fhir('POST', '/Condition', {
      resourceType: 'Condition',
      subject: { reference: 'Patient/two' },
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
      },
      code: { text: 'Asthma' },
    });
    expect((await send(table(good('20', 'Patient/two')))).status).toBe(200);
    const { json } = await house.fhir('GET', '/CarePlan/$reconcile?patient=Patient/two&kind=duplicate');
    const rows = json.parameter.filter(({ name }: any) => name === 'row');
    expect(rows).toHaveLength(1);
    const sources = rows[0].part
      .filter(({ name }: any) => name === 'source')
      .map(({ valueString }: any) => valueString);
    expect(sources.sort()).toEqual(['Careweave', 'Imported plan']);
  });

  test('a plan that is here already is a refused row; a table names its children itself', async () => {
    expect((await send(table(good('30')))).status).toBe(200);
    const again = await send(table(good('31'), good('30')));
    expect(again.status).toBe(422);
    expect(texts(again)[1]).toBe('Line 10: this plan has been imported already.');
    expect((await send(table(good('32')), '?patient=Patient/one')).status).toBe(400);
  });
});

describe('careweave plan import', () => {
  test('S4.27 imports a file, and says what is missing', async () => {
    const file = join(dir, 'plans.csv');
    writeFileSync(file, table(good('40'), 'Patient/two,2018-02-03,41,plan,,Bare plan of the command,,,,,,,,'));
    const said = await house.command('plan', 'import', file);
    expect(said).toMatch(/^CarePlan\/\S+ meets our profile\.$/m);
    expect(said).toMatch(/^CarePlan\/\S+ lacks 5 things:$/m);
    expect(said).toContain('CarePlan.goal');
    await expect(house.command('plan', 'import', file)).rejects.toThrow('imported already');
  });

  test('refuses a file that is not there, or of a kind that it does not read', async () => {
    await expect(house.command('plan', 'import', join(dir, 'none.csv'))).rejects.toThrow('cannot be read');
    const file = join(dir, 'plan.pdf');
    writeFileSync(file, 'x');
    await expect(house.command('plan', 'import', file)).rejects.toThrow('.xml or .csv');
  });

  test('with --check it writes nothing', async () => {
    const file = join(dir, 'checked.csv');
    writeFileSync(file, table(good('50')));
    const before = await counts();
    expect(await house.command('plan', 'import', file, '--check')).toMatch(/meets our profile/);
    expect(await counts()).toEqual(before);
  });
});
