import type { Resource, r4 } from '../fhir/types.ts';
import type { MeasureDefinition, MeasureLibrary } from './types.ts';

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');
const canonicalOf = ({ id, version }: { id: string; version: string }) =>
  `http://careweave.org/fhir/Library/${id}|${version}`;

/**
 * What a reader of the FHIR API sees of the measures: Measure, Library (CQL and ELM) and ValueSet. Each has a fixed id, so that
 * loading them again changes nothing: a measure's own library has the id of the measure, a shared one its own name.
 */
export function measureResources(measures: readonly MeasureDefinition[]): Resource[] {
  const valueSets = new Map(measures.flatMap((measure) => measure.valueSets).map((set) => [set.id, set]));
  const shared = new Map(measures.flatMap(({ libraries: [, ...rest] }) => rest).map((one) => [one.id, one]));
  return [
    ...[...valueSets.values()].map((valueSet) => ({ ...valueSet })),
    ...[...shared.values()].map((library) => ({ ...sharedLibrary(library) })),
    ...measures.map((measure) => ({ ...mainLibrary(measure) })),
    ...measures.map(({ resource }) => ({ ...resource })),
  ];
}

function mainLibrary({ name, libraries, resource }: MeasureDefinition): r4.Library {
  const [main = { id: name, version: '', elm: undefined }, ...included] = libraries;
  const { title, publisher } = resource;
  return {
    ...libraryOf(name, main, included),
    ...(title !== undefined && { title }),
    ...(publisher !== undefined && { publisher }),
  };
}

function sharedLibrary(library: MeasureLibrary): r4.Library {
  return { ...libraryOf(library.id, library, []), publisher: 'Careweave' };
}

function libraryOf(id: string, library: MeasureLibrary, included: readonly MeasureLibrary[]): r4.Library {
  const resource: r4.Library = {
    resourceType: 'Library',
    id,
    url: canonicalOf(library).split('|')[0],
    version: library.version,
    name: library.id,
    status: 'active',
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/library-type', code: 'logic-library' }] },
    content: [
      ...(library.cql === undefined ? [] : [{ contentType: 'text/cql', data: base64(library.cql) }]),
      { contentType: 'application/elm+json', data: base64(JSON.stringify(library.elm)) },
    ],
  };
  if (included.length === 0) return resource;
  return { ...resource, relatedArtifact: included.map((one) => ({ type: 'depends-on', resource: canonicalOf(one) })) };
}
