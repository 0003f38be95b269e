import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHttp, type TestHttp } from '../support/http.ts';

let http: TestHttp;
beforeAll(async () => {
  http = await startHttp();
  const name = Array.from({ length: 60 }, (_, index) => ({ family: `Invented${index}`, given: ['A', 'B'] }));
  const contact = [{ name: { family: 'Parent' } }];
  const link = [{ other: { reference: 'Patient/small' }, type: 'seealso' }];
  await http.send('PUT', '/fhir/Patient/small', { body: { resourceType: 'Patient', id: 'small' } });
  const large = {
    resourceType: 'Patient',
    id: 'large',
    name,
    contact,
    link,
    birthDate: '2020-01-02',
    photo: [{ title: 'x' }],
  };
  await http.send('PUT', '/fhir/Patient/large', { body: large });
  const text =
    '{"resourceType":"Observation","id":"o","status":"final","code":{"text":"weight"},"note":[{"text":"n"}],' +
    '"valueQuantity":{"value":12.50,"unit":"kg"}}';
  await http.send('PUT', '/fhir/Observation/o', { text });
});
afterAll(() => http.close());

/** As it comes over the wire: `fetch` would unpack it and say nothing. */
function raw(
  method: string,
  path: string,
  encoding?: string,
): Promise<{ status: number; encoding?: string; body: Buffer; vary?: string; type?: string }> {
  const headers = { Authorization: 'Bearer all', ...(encoding && { 'Accept-Encoding': encoding }) };
  return new Promise((resolve, reject) => {
    const call = request(`${http.url}${path}`, { method, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          encoding: answer.headers['content-encoding'],
          vary: answer.headers.vary,
          type: answer.headers['content-type'],
          body: Buffer.concat(parts),
        }),
      );
    });
    call.on('error', reject);
    call.end();
  });
}

describe('gzip', () => {
  test('not for a small answer, nor for a caller who does not take it', async () => {
    expect((await raw('GET', '/fhir/Patient/small', 'gzip')).encoding).toBeUndefined();
    expect((await raw('GET', '/fhir/Patient/large')).encoding).toBeUndefined();
    expect((await raw('GET', '/fhir/Patient/large', 'identity')).encoding).toBeUndefined();
    expect((await raw('GET', '/fhir/Patient/large', 'gzip;q=0, identity')).encoding).toBeUndefined();
  });
  test('of a large answer says the same', async () => {
    const plain = await raw('GET', '/fhir/Patient/large');
    const packed = await raw('GET', '/fhir/Patient/large', 'gzip, deflate, br');
    expect([packed.encoding, packed.vary]).toEqual(['gzip', 'Accept-Encoding']);
    expect(packed.body.length).toBeLessThan(plain.body.length / 3);
    expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
  });
});

describe('HEAD', () => {
  test.each([
    '/fhir/metadata',
    '/fhir/Patient/large',
    '/fhir/Patient/large/_history/1',
    '/fhir/Patient/large/_history',
    '/fhir/Patient?_id=large',
  ])('%s has the status and type of GET, and no body', async (path) => {
    const answer = await raw('HEAD', path, 'gzip');
    expect([answer.status, answer.body.length, answer.encoding]).toEqual([200, 0, undefined]);
    expect(answer.type).toContain('application/fhir+json');
  });
  test('of what is not there is 404', async () => {
    expect((await raw('HEAD', '/fhir/Patient/none')).status).toBe(404);
    expect((await raw('HEAD', '/fhir/Nonsense')).status).toBe(404);
  });
});

describe('_format and _pretty', () => {
  test('another format is 406; JSON by any of its names is answered', async () => {
    expect((await http.send('GET', '/fhir/Patient/small?_format=xml')).status).toBe(406);
    for (const name of ['json', 'application/json', 'application/fhir%2Bjson', 'application/fhir+json'])
      expect((await http.send('GET', `/fhir/Patient/small?_format=${name}`)).status).toBe(200);
  });
  test('_pretty=true breaks lines and keeps digits', async () => {
    const answer = await http.send('GET', '/fhir/Observation/o?_pretty=true');
    expect(answer.text).toContain('\n  "status": "final"');
    expect(answer.text).toContain('"value": 12.50');
    expect((await http.send('GET', '/fhir/Observation/o?_pretty=false')).text).not.toContain('\n');
    expect((await http.send('GET', '/fhir/Observation?_id=o&_pretty=true')).text).toContain('\n');
  });
});

describe('_summary and _elements', () => {
  const read = (path: string) => http.send('GET', `/fhir/${path}`);
  test.each(['_summary=count', '_summary=nonsense', '_elements=', '_elements=a b', '_elements=__proto__'])(
    'a read with %s is refused',
    async (query) => {
      expect((await read(`Patient/large?${query}`)).status).toBe(400);
    },
  );
  test('_summary=true is what the definitions mark, inside of backbone elements as well', async () => {
    for (const answer of [
      (await read('Patient/large?_summary=true')).json,
      (await read('Patient?_id=large&_summary=true')).json.entry[0].resource,
    ]) {
      expect(Object.keys(answer).sort()).toEqual(['birthDate', 'id', 'link', 'meta', 'name', 'resourceType']);
      expect(answer.link).toEqual([{ other: { reference: 'Patient/small' }, type: 'seealso' }]);
      expect(answer.meta.tag).toEqual([expect.objectContaining({ code: 'SUBSETTED' })]);
    }
    const observation = await read('Observation/o?_summary=true');
    expect(observation.text).toContain('"value":12.50');
    expect(observation.json.note).toBeUndefined();
  });
  test('_summary=text and _elements have what is required; a choice goes by its name', async () => {
    expect(Object.keys((await read('Observation/o?_summary=text')).json).sort()).toEqual([
      'code',
      'id',
      'meta',
      'resourceType',
      'status',
    ]);
    const answer = await read('Observation/o?_elements=value');
    expect(Object.keys(answer.json).sort()).toEqual(['code', 'id', 'meta', 'resourceType', 'status', 'valueQuantity']);
    expect(answer.text).toContain('"value":12.50');
    expect((await read('Patient/large?_elements=Patient.name.family')).json.name).toHaveLength(60);
    expect((await read('Patient/large?_elements=birthDate')).json.name).toBeUndefined();
  });
  test('_summary=false is the whole, without the mark', async () => {
    expect((await read('Patient/small?_summary=false')).json.meta.tag).toBeUndefined();
  });
});
