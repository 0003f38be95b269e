import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHttp, type TestHttp } from '../support/http.ts';

let http: TestHttp;
/** One child alone: whatever matches everything matches exactly one, which is what a conditional request asks for. */
beforeAll(async () => {
  http = await startHttp();
  await http.send('PUT', '/fhir/Patient/only', {
    body: {
      resourceType: 'Patient',
      id: 'only',
      name: [{ family: 'Invented' }],
      identifier: [{ system: 'urn:x', value: '1' }],
    },
  });
});
afterAll(() => http.close());

describe('criteria that would match whatever there is', () => {
  test.each([
    '',
    '_count=1',
    '_sort=name',
    '_summary=true',
    '_elements=name',
    '_total=accurate',
    '_include=Patient:organization',
    '_revinclude=Goal:subject',
    '_include:iterate=Patient:link',
    '_format=json',
    '_pretty=true',
    '_page=AAAA',
    'name=',
    'name:contains=',
    'name:exact=',
    'identifier=',
    'identifier=|',
    'identifier:not=',
    'birthdate=',
    'organization=',
    '_id=',
    '_filter=',
    '_filter=name co ""',
    'name=,',
  ])('"%s" deletes, patches, updates and creates nothing', async (criteria) => {
    const encoded = criteria.replaceAll(' ', '%20').replaceAll('"', '%22');
    const body = { resourceType: 'Patient', active: true };
    const patch = {
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'operation',
          part: [
            { name: 'type', valueCode: 'delete' },
            { name: 'path', valueString: 'Patient.name' },
          ],
        },
      ],
    };
    const answers = [
      await http.send('DELETE', `/fhir/Patient?${encoded}`),
      await http.send('PATCH', `/fhir/Patient?${encoded}`, { body: patch }),
      await http.send('PUT', `/fhir/Patient?${encoded}`, { body }),
      await http.send('POST', '/fhir/Patient', { body, headers: { 'If-None-Exist': encoded } }),
    ];
    for (const entry of [
      { request: { method: 'DELETE', url: `Patient?${encoded}` } },
      { request: { method: 'PUT', url: `Patient?${encoded}` }, resource: body },
    ])
      answers.push(
        await http.send('POST', '/fhir', { body: { resourceType: 'Bundle', type: 'transaction', entry: [entry] } }),
      );
    for (const { status } of answers) expect([400, 412]).toContain(status);
    const { json } = await http.send('GET', '/fhir/Patient');
    expect(
      json.entry.map(({ resource }: { resource: { id: string; meta: { versionId: string } } }) => [
        resource.id,
        resource.meta.versionId,
      ]),
    ).toEqual([['only', '1']]);
  });
});
