import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestHouse, type TestHouse } from '../../support/house.ts';
import { bareModel, exampleXml, modelLibrary, partsXml } from '../models/example.ts';
import { library, measure, transaction } from './bundle.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await openTestHouse();
  const patient = { resourceType: 'Patient', id: 'ana', birthDate: '2016-03-10', gender: 'female' };
  await house.fhir('PUT', '/Patient/ana', patient);
});
afterAll(() => house?.shut());

const cqlOver = (name: string, version: string) =>
  `library ${name} version '1.0.0'\nusing QICore version '${version}'\ninclude FHIRHelpers version '4.0.1'
context Patient\ndefine Girls: Patient.gender = 'female'\ndefine Born: Patient.birthDate >= @2016-01-01\n`;
const bundleOf = (name: string, version: string, status: 'active' | 'draft') =>
  [
    measure(name, 'proportion', { 'initial-population': 'Girls', denominator: 'Girls', numerator: 'Born' }, { status }),
    library(name, { cql: cqlOver(name, version) }),
  ] as const;
const post = (...resources: Parameters<typeof transaction>) => house.fhir('POST', '', transaction(...resources));
const put = (id: string, xml: string) => house.fhir('PUT', `/Library/${id}`, modelLibrary(id, xml));
const evaluate = (name: string) => {
  const url = encodeURIComponent(`http://example.org/Measure/${name}`);
  return house.fhir(
    'GET',
    `/Measure/$evaluate-measure?measure=${url}&periodStart=2026&periodEnd=2026&reportType=subject&subject=Patient/ana`,
  );
};
const countsOf = ({ json }: { json: unknown }) =>
  (json as { group: { population: { count: number }[] }[] }).group[0]?.population.map(({ count }) => count);

test('a model that is not here is told with its version, and how it comes', async () => {
  const refused = await post(...bundleOf('Waiting', '0.1.0', 'active'));
  expect(refused.status).toBe(422);
  expect(refused.text).toContain(
    'The model QICore 0.1.0 is not here for translation: post its model info as a Library',
  );
});

test.each([
  ['malformed', exampleXml.slice(0, 700), 'not well-formed'],
  ['with a DTD', `<!DOCTYPE modelInfo SYSTEM "http://example.org/x">${partsXml}`, 'document type'],
  ['that requires itself', bareModel('Round', '1', ['Round', '1']), 'in a circle'],
  [
    'that the translator cannot read',
    exampleXml
      .replace('"QICore.Reference"', '"QICore.Nothing"')
      .replace('<requiredModelInfo name="ExampleParts" version="1.0.0"/>', ''),
    'cannot be used',
  ],
])('model info %s is refused', async (_what, xml, told) => {
  const refused = await put('broken-model', xml);
  expect([refused.status, refused.text]).toEqual([422, expect.stringContaining(told)]);
});

test('a draft waits for its model, and runs when that and what it requires have come', async () => {
  expect((await post(...bundleOf('Waiting', '0.1.0', 'draft'))).status).toBe(200);
  expect((await evaluate('Waiting')).text).toContain('The model QICore 0.1.0 is not here');
  expect((await put('qicore-model', exampleXml)).status).toBe(201);
  expect((await evaluate('Waiting')).text).toContain('The model ExampleParts 1.0.0 is not here');
  expect((await put('parts-model', partsXml)).status).toBe(201);
  const answer = await evaluate('Waiting');
  expect([answer.status, countsOf(answer)]).toEqual([200, [1, 1, 1]]);
});

test('another version is another model; an active measure keeps what it needs, and follows it', async () => {
  const other = await post(...bundleOf('Other', '9.0.0', 'active'));
  expect([other.status, other.text]).toEqual([422, expect.stringContaining('(of it are here: 0.1.0)')]);
  expect((await post(...bundleOf('Running', '0.1.0', 'active'))).status).toBe(200);
  expect(countsOf(await evaluate('Running'))).toEqual([1, 1, 1]);

  const gone = await house.fhir('DELETE', '/Library/qicore-model');
  expect([gone.status, gone.text]).toEqual([422, expect.stringContaining('needs this and could not run any more')]);
  const without = exampleXml.replace(/<element name="gender".*\/>/, '');
  expect((await put('qicore-model', without)).text).toContain('could not run any more');

  // In this one the gender is where nothing is: what was translated before is translated anew.
  const gender = 'name="gender" elementType="QICore.Status" target="%value.';
  const turned = exampleXml.replace(`${gender}value"`, `${gender}id"`);
  expect(turned).not.toBe(exampleXml);
  expect((await put('qicore-model', turned)).status).toBe(200);
  expect(countsOf(await evaluate('Running'))).toEqual([0, 0, 0]);
});
