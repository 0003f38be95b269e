import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestHouse, type TestHouse } from '../support/house.ts';
import { startHttp, type TestHttp } from '../support/http.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await openTestHouse();
});
afterAll(() => house.shut());

const school = 'https://careweave.example/school';
const grade = 'https://careweave.example/grade';
const parameter = (id: string, changes: object = {}) => ({
  resourceType: 'SearchParameter',
  id,
  url: `https://careweave.example/SearchParameter/${id}`,
  name: 'Test',
  status: 'active',
  description: 'A test',
  code: id,
  base: ['Patient'],
  type: 'reference',
  target: ['Organization'],
  expression: `Patient.extension('${school}').value.ofType(Reference)`,
  ...changes,
});
const gradeParameter = parameter('grade', {
  type: 'number',
  target: undefined,
  expression: `Patient.extension('${grade}').value.ofType(integer)`,
});
const child = (id: string, organization: string, year: number) => ({
  resourceType: 'Patient',
  id,
  extension: [
    { url: school, valueReference: { reference: `Organization/${organization}` } },
    { url: grade, valueInteger: year },
  ],
});
const issues = (json: {
  issue: { code: string; diagnostics?: string; details?: { text: string }; expression?: string[] }[];
}) => json.issue.map(({ code, expression }) => `${expression?.join() ?? ''} ${code}`);
const ids = (json: { entry?: { resource: { id: string } }[] }) => (json.entry ?? []).map(({ resource }) => resource.id);

describe('a SearchParameter over REST', () => {
  test('what cannot be used is refused by 422, each problem at its element', async () => {
    const answer = await house.fhir(
      'PUT',
      '/SearchParameter/school',
      parameter('school', { code: 'name', expression: 'Patient.descendants()' }),
    );
    expect(answer.status).toBe(422);
    expect(issues(answer.json)).toEqual(['SearchParameter.expression not-supported']);
    const composite = await house.fhir('PUT', '/SearchParameter/school', parameter('school', { type: 'composite' }));
    expect([composite.status, ...issues(composite.json)]).toEqual([422, 'SearchParameter.type not-supported']);
    const unknown = await house.fhir('GET', '/Patient?school=Organization/alder');
    expect(unknown.status).toBe(400);
  });

  test('is indexed online; until then it is named with how far it is', async () => {
    for (const name of ['alder', 'birch'])
      await house.fhir('PUT', `/Organization/${name}`, {
        resourceType: 'Organization',
        id: name,
        name: `${name} school`,
      });
    await house.fhir('PUT', '/Patient/wren', child('wren', 'alder', 3));
    await house.fhir('PUT', '/Patient/bram', child('bram', 'birch', 1));
    expect((await house.fhir('PUT', '/SearchParameter/school', parameter('school'))).status).toBe(201);
    expect((await house.fhir('PUT', '/SearchParameter/grade', gradeParameter)).status).toBe(201);
    const early = await house.fhir('GET', '/Patient?school=Organization/alder');
    expect([early.status, early.json.issue[0].code]).toEqual([400, 'incomplete']);
    expect(early.text).toContain("Search parameter 'school' is being indexed: 0 %");
    const statement = await house.fhir('GET', '/metadata');
    expect(statement.text).not.toContain('"school"');
    await house.worker.drain();
    expect(ids((await house.fhir('GET', '/Patient?school=Organization/alder')).json)).toEqual(['wren']);
  });

  test('serves chains, includes, reverse chains and orders, and stands in the capability statement', async () => {
    await house.fhir('PUT', '/Patient/odell', child('odell', 'alder', 2));
    expect(ids((await house.fhir('GET', '/Patient?school.name=birch')).json)).toEqual(['bram']);
    expect(ids((await house.fhir('GET', '/Patient?school=Organization/birch&_include=Patient:school')).json)).toEqual([
      'bram',
      'birch',
    ]);
    expect(ids((await house.fhir('GET', '/Organization?_id=alder&_revinclude=Patient:school')).json).sort()).toEqual([
      'alder',
      'odell',
      'wren',
    ]);
    expect(ids((await house.fhir('GET', '/Organization?_has:Patient:school:_id=bram')).json)).toEqual(['birch']);
    expect(ids((await house.fhir('GET', '/Patient?school:missing=false&_sort=-school')).json)).toHaveLength(3);
    expect(ids((await house.fhir('GET', '/Patient?grade=gt1&_sort=grade')).json)).toEqual(['odell', 'wren']);
    const { json } = await house.fhir('GET', '/metadata');
    const patient = json.rest[0].resource.find(({ type }: { type: string }) => type === 'Patient');
    expect(patient.searchParam).toContainEqual({ name: 'school', type: 'reference' });
    expect(patient.searchInclude).toContain('Patient:school');
    const organization = json.rest[0].resource.find(({ type }: { type: string }) => type === 'Organization');
    expect(organization.searchRevInclude).toContain('Patient:school');
  });

  test('deleted: unknown again, and gone from the capability statement', async () => {
    expect((await house.fhir('DELETE', '/SearchParameter/school')).status).toBe(204);
    const answer = await house.fhir('GET', '/Patient?school=Organization/alder');
    expect([answer.status, answer.json.issue[0].code]).toEqual([400, 'not-found']);
    expect((await house.fhir('GET', '/metadata')).text).not.toContain('"school"');
  });
});

describe('a token for one patient', () => {
  let http: TestHttp;
  beforeAll(async () => {
    http = await startHttp();
  });
  afterAll(() => http.close());

  test.each([
    ['POST', 'SearchParameter'],
    ['PUT', 'SearchParameter/school'],
    ['DELETE', 'SearchParameter/school'],
  ])('may not %s %s', async (method, path) => {
    const body = method === 'DELETE' ? undefined : parameter('school');
    expect((await http.send(method, `/fhir/${path}`, { body, as: 'child-a' })).status).toBe(403);
  });
});
