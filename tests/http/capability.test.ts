import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestHouse, type TestHouse } from '../support/house.ts';

/** What the server declares, it does: asked of the whole house, for one type. */
let house: TestHouse;
let rest: any;
let organization: any;
beforeAll(async () => {
  house = await openTestHouse();
  const statement = await house.fhir('GET', '/metadata');
  rest = statement.json.rest[0];
  organization = rest.resource.find((one: { type: string }) => one.type === 'Organization');
});
afterAll(() => house?.shut());

const body = { resourceType: 'Organization', id: 'declared', name: 'Invented' };
const patch = {
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'replace' },
        { name: 'path', valueString: 'Organization.name' },
        { name: 'value', valueString: 'Invented anew' },
      ],
    },
  ],
};
const calls: Record<string, [method: string, path: string, body: unknown, status: number]> = {
  update: ['PUT', 'Organization/declared', body, 201],
  create: ['POST', 'Organization', { resourceType: 'Organization', name: 'Invented' }, 201],
  read: ['GET', 'Organization/declared', undefined, 200],
  vread: ['GET', 'Organization/declared/_history/1', undefined, 200],
  patch: ['PATCH', 'Organization/declared', patch, 200],
  'history-instance': ['GET', 'Organization/declared/_history', undefined, 200],
  'history-type': ['GET', 'Organization/_history', undefined, 200],
  'search-type': ['GET', 'Organization?name=invented', undefined, 200],
  delete: ['DELETE', 'Organization/declared', undefined, 204],
  'history-system': ['GET', '_history?_count=5', undefined, 200],
  'search-system': ['GET', '?_type=Organization,Patient&_count=5', undefined, 200],
  batch: ['POST', '', { resourceType: 'Bundle', type: 'batch' }, 200],
  transaction: ['POST', '', { resourceType: 'Bundle', type: 'transaction' }, 200],
};

describe('the capability statement', () => {
  test('declares what is asked here, and nothing else', () => {
    const declared = [...organization.interaction, ...rest.interaction].map(({ code }: { code: string }) => code);
    expect(declared.sort()).toEqual(Object.keys(calls).sort());
  });
  test('every interaction that it declares is answered', async () => {
    for (const [name, [method, path, sent, status]] of Object.entries(calls)) {
      const answer = await house.fhir(method, `/${path}`, sent);
      expect([name, answer.status]).toEqual([name, status]);
    }
  });
  test('what every search can be asked, and every compartment', async () => {
    const asked: Record<string, string> = {
      _has: 'Organization?_has:Patient:organization:gender=male',
      _list: 'Organization?_list=none',
      _filter: 'Organization?_filter=name eq nobody',
      _text: 'Organization?_text=nobody',
      _content: 'Organization?_content=nobody',
      _type: '?_type=Organization',
    };
    expect(rest.searchParam.map(({ name }: { name: string }) => name).sort()).toEqual(Object.keys(asked).sort());
    for (const path of Object.values(asked)) {
      expect([path, (await house.fhir('GET', `/${path}`)).status]).toEqual([path, 200]);
    }
    for (const url of rest.compartment) {
      const name = url.slice(url.lastIndexOf('/') + 1);
      const path = `/${name.charAt(0).toUpperCase()}${name.slice(1)}/none/*`;
      expect([path, (await house.fhir('GET', path)).status]).toEqual([path, 200]);
    }
  });
  test('conditional delete, of one match', async () => {
    expect(organization.conditionalDelete).toBe('single');
    expect((await house.fhir('DELETE', '/Organization?name=nobody')).status).toBe(204);
  });
  test('the core operations are declared once for every type, $everything for Patient', async () => {
    const names = (of: any): string[] => of.operation.map(({ name }: { name: string }) => name).sort();
    expect(names(organization)).toEqual(['labels', 'meta', 'meta-add', 'meta-delete', 'release', 'validate']);
    const patient = rest.resource.find((one: { type: string }) => one.type === 'Patient');
    expect(names(patient)).toContain('everything');
    expect((await house.fhir('POST', '/Organization/$validate', body)).json.issue[0].severity).toBe('information');
    await house.fhir('PUT', '/Patient/declared', { resourceType: 'Patient', id: 'declared' });
    const everything = (await house.fhir('GET', '/Patient/declared/$everything')).json.entry;
    expect(everything.map(({ resource }: any) => resource.resourceType)).toEqual(['Patient', 'Provenance']);
    expect((await house.fhir('GET', '/Patient/declared/$meta')).status).toBe(200);
  });
});
