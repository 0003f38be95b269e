import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { TestHttp } from '../../support/http.ts';
import { startCore } from './core.ts';

let http: TestHttp;
beforeAll(async () => {
  http = await startCore();
  for (const id of ['child-a', 'child-b'])
    await http.send('PUT', `/fhir/Patient/${id}`, { body: { resourceType: 'Patient', id } });
});
afterAll(() => http.close());

const tag = (code: string, more: object = {}) => ({ system: 'urn:test', code, ...more });
const meta = (valueMeta: unknown) => ({ resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta }] });
let url: string;
beforeEach(async () => {
  const text =
    '{"resourceType":"Observation","meta":{"tag":[{"system":"urn:test","code":"one","display":"One"}]},"status":"final",' +
    '"code":{"text":"x"},"subject":{"reference":"Patient/child-a"},"valueQuantity":{"value":12.50}}';
  url = `/fhir/Observation/${(await http.send('POST', '/fhir/Observation', { text })).json.id}`;
});
const call = (name: string, body: unknown, as = 'all') => http.send('POST', `${url}/$${name}`, { body, as });

describe('refusals', () => {
  test.each<[string, unknown, number]>([
    ['without a meta', { resourceType: 'Parameters' }, 400],
    ['with a text for a meta', { resourceType: 'Parameters', parameter: [{ name: 'meta', valueString: 'x' }] }, 400],
    [
      'with a parameter that it does not have',
      { resourceType: 'Parameters', parameter: [{ name: 'met', valueMeta: { tag: [tag('x')] } }] },
      400,
    ],
    ['with an empty meta', meta({}), 400],
    ['with a tag that is no Coding', meta({ tag: ['x'] }), 400],
    ['with a tag that is not valid', meta({ tag: [{ nonsense: 1 }] }), 422],
  ])('%s', async (_name, body, status) => {
    expect((await call('meta-add', body)).status).toBe(status);
    expect((await http.send('GET', url)).headers.get('etag')).toBe('W/"1"');
  });
  test('by GET, without the scope, and on another child', async () => {
    expect((await http.send('GET', `${url}/$meta-add`)).status).toBe(405);
    expect((await http.send('GET', `${url}/$meta`, { as: 'reader' })).status).toBe(403);
    expect((await call('meta-add', meta({ tag: [tag('x')] }), 'reader')).status).toBe(403);
    expect((await call('meta-delete', meta({ tag: [tag('one')] }), 'reader')).status).toBe(403);
    for (const [method, name] of [
      ['GET', 'meta'],
      ['POST', 'meta-add'],
      ['POST', 'meta-delete'],
    ] as const) {
      const body = method === 'POST' ? meta({ tag: [tag('x')] }) : undefined;
      const hidden = await http.send(method, `/fhir/Patient/child-b/$${name}`, { as: 'child-a', body });
      const absent = await http.send(method, `/fhir/Patient/none/$${name}`, { as: 'child-a', body });
      expect([hidden.status, hidden.text]).toEqual([404, absent.text]);
    }
  });
});

describe('the meta of a resource', () => {
  test('is read', async () => {
    const answer = await http.send('GET', `${url}/$meta`);
    expect(answer.json.parameter).toEqual([{ name: 'return', valueMeta: expect.objectContaining({ versionId: '1' }) }]);
  });
  test('takes profiles, tags and labels as sets, and keeps everything else to the digit', async () => {
    const answer = await call(
      'meta-add',
      meta({ tag: [tag('two'), tag('one', { display: 'Other' })], security: [tag('secret')] }),
    );
    expect(answer.status).toBe(200);
    const read = await http.send('GET', url);
    expect(read.json.meta).toEqual(answer.json.parameter[0].valueMeta);
    expect(read.json.meta).toMatchObject({
      versionId: '2',
      tag: [tag('one', { display: 'One' }), tag('two')],
      security: [tag('secret')],
    });
    expect(read.text).toContain('"value":12.50');
    expect((await call('meta-add', meta({ tag: [tag('two')] }))).json.parameter[0].valueMeta.versionId).toBe('2');
  });
  test('loses what it is told to, and no more', async () => {
    await call('meta-add', meta({ tag: [tag('two')], security: [tag('secret')] }));
    const answer = await call('meta-delete', meta({ tag: [tag('one'), tag('none')], security: [tag('secret')] }));
    expect(answer.json.parameter[0].valueMeta).toMatchObject({ versionId: '3', tag: [tag('two')] });
    expect(answer.json.parameter[0].valueMeta.security).toBeUndefined();
    expect((await http.send('GET', `${url}/_history/2`)).json.meta.security).toEqual([tag('secret')]);
  });
  test('16 callers at once lose nothing', async () => {
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, index) => call('meta-add', meta({ tag: [tag(`t${index}`)] }))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await http.send('GET', `${url}/$meta`)).json.parameter[0].valueMeta.tag).toHaveLength(17);
  });
});

describe('$meta of a type and of the system', () => {
  const metaOf = async (path: string, as = 'all') => {
    const answer = await http.send('GET', `/fhir/${path}`, { as });
    return answer.status === 200 ? (answer.json.parameter?.[0].valueMeta ?? {}) : answer.status;
  };
  const codes = (meta: { tag?: { code: string }[] }) => (meta.tag ?? []).map(({ code }) => code).sort();
  beforeAll(async () => {
    const profile = ['http://hl7.org/fhir/StructureDefinition/Patient'];
    for (const [id, code] of [
      ['child-a', 'of-a'],
      ['child-b', 'of-b'],
    ]) {
      const body = { resourceType: 'Patient', id, meta: { profile, tag: [tag(String(code)), tag('both')] } };
      await http.send('PUT', `/fhir/Patient/${id}`, { body });
    }
  });

  test('has what is in use there, each once', async () => {
    const patients = await metaOf('Patient/$meta');
    expect(codes(patients)).toEqual(['both', 'of-a', 'of-b']);
    expect(patients.profile).toEqual(['http://hl7.org/fhir/StructureDefinition/Patient']);
    expect(patients.versionId).toBeUndefined();
    expect(codes(await metaOf('$meta'))).toEqual(expect.arrayContaining(['both', 'of-a', 'of-b', 'one']));
    expect(await metaOf('Organization/$meta')).toEqual({});
  });
  test('within what the caller may see', async () => {
    expect(codes(await metaOf('Patient/$meta', 'child-a'))).toEqual(['both', 'of-a']);
    expect(codes(await metaOf('$meta', 'reader'))).toEqual(['both', 'of-a', 'of-b']);
    expect(await metaOf('Observation/$meta', 'reader')).toBe(403);
  });
});
