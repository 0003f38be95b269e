import { readFileSync } from 'node:fs';
import type { r4 } from '../../../src/fhir/types.ts';

/** A model of our own in the manner of QI-Core: QICore 0.1.0, which requires ExampleParts 1.0.0. */
export const exampleXml = readFileSync(new URL('./example-modelinfo.xml', import.meta.url), 'utf8');

/** Model info that says nothing but which model it is and what it requires. */
export function bareModel(
  name: string,
  version: string,
  ...requires: readonly [name: string, version: string][]
): string {
  const required = requires.map(([of, at]) => `<requiredModelInfo name="${of}" version="${at}"/>`).join('');
  const head = `name="${name}" version="${version}" url="http://example.org/${name}"`;
  return `<modelInfo xmlns="urn:hl7-org:elm-modelinfo:r1" ${head}>${required}</modelInfo>`;
}

export const partsXml = bareModel('ExampleParts', '1.0.0', ['System', '1.0.0']);

export function modelLibrary(id: string, xml: string, contentType = 'application/xml'): r4.Library & { id: string } {
  return {
    resourceType: 'Library',
    id,
    url: `http://example.org/Library/${id}`,
    version: '1',
    name: id.replace(/\W/g, ''),
    status: 'active',
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/library-type', code: 'model-definition' }] },
    content: [{ contentType, data: Buffer.from(xml, 'utf8').toString('base64') }],
  };
}
