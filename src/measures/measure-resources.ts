import type { Resource, r4 } from '../fhir/types.ts';
import type { MeasureDefinition } from './types.ts';

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

/**
 * What a reader of the FHIR API sees of the measures: Measure, Library (CQL and ELM) and ValueSet. Each has a fixed id, so that
 * loading them again changes nothing.
 */
export function measureResources(measures: readonly MeasureDefinition[]): Resource[] {
  const valueSets = new Map(measures.flatMap((measure) => measure.valueSets).map((set) => [set.id, set]));
  return [
    ...[...valueSets.values()].map((valueSet) => ({ ...valueSet })),
    ...measures.map((measure) => ({ ...libraryOf(measure) })),
    ...measures.map(({ resource }) => ({ ...resource })),
  ];
}

function libraryOf({ name, library, resource, cql, elm }: MeasureDefinition): r4.Library {
  return {
    resourceType: 'Library',
    id: name,
    url: `http://careweave.org/fhir/Library/${library.id}`,
    version: library.version,
    name: library.id,
    title: resource.title,
    status: 'active',
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/library-type', code: 'logic-library' }] },
    publisher: resource.publisher,
    content: [
      { contentType: 'text/cql', data: base64(cql) },
      { contentType: 'application/elm+json', data: base64(JSON.stringify(elm)) },
    ],
  };
}
