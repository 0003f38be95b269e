import type { r4 } from '../../../src/fhir/types.ts';

const guide = 'http://hl7.org/fhir/us/cqfmeasures/StructureDefinition/cqfm';
const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

/** A library `<name> 1.0.0` over FHIR 4.0.1; its first line of `body` is line 4 of the text. */
export function cqlOf(name: string, body: string): string {
  return `library ${name} version '1.0.0'\nusing FHIR version '4.0.1'\n\n${body}`;
}

export function library(name: string, content: { cql?: string; elm?: unknown; dependsOn?: string[] }): r4.Library {
  const { cql, elm, dependsOn = [] } = content;
  return {
    resourceType: 'Library',
    url: `http://example.org/Library/${name}`,
    version: '1.0.0',
    name,
    status: 'active',
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/library-type', code: 'logic-library' }] },
    ...(dependsOn.length > 0 && {
      relatedArtifact: dependsOn.map((resource) => ({ type: 'depends-on' as const, resource })),
    }),
    content: [
      ...(cql === undefined ? [] : [{ contentType: 'text/cql', data: base64(cql) }]),
      ...(elm === undefined ? [] : [{ contentType: 'application/elm+json', data: base64(JSON.stringify(elm)) }]),
    ],
  };
}

/** Populations by code, each with the name of its expression and what else it has. */
export type Populations = Record<string, string | [expression: string, ...extension: [name: string, value: string][]]>;

export function measure(
  name: string,
  scoring: string,
  populations: Populations,
  more: Partial<r4.Measure> & { basis?: string } = {},
): r4.Measure {
  const { basis = 'boolean', ...rest } = more;
  return {
    resourceType: 'Measure',
    url: `http://example.org/Measure/${name}`,
    version: '1.0.0',
    name,
    status: 'active',
    library: [`http://example.org/Library/${name}|1.0.0`],
    scoring: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/measure-scoring', code: scoring }] },
    extension: [{ url: `${guide}-populationBasis`, valueCode: basis }],
    group: [
      {
        population: Object.entries(populations).map(([id, told]) => {
          const [expression, ...extension] = typeof told === 'string' ? [told] : told;
          return {
            id,
            ...(extension.length > 0 && {
              extension: extension.map(([key, valueString]) => ({ url: `${guide}-${key}`, valueString })),
            }),
            code: {
              coding: [
                { system: 'http://terminology.hl7.org/CodeSystem/measure-population', code: id.replace(/-of-.*$/, '') },
              ],
            },
            criteria: { language: 'text/cql-identifier', expression },
          };
        }),
      },
    ],
    ...rest,
  };
}

export function valueSet(name: string, codes: readonly (readonly [system: string, code: string])[]): r4.ValueSet {
  return {
    resourceType: 'ValueSet',
    url: `http://example.org/ValueSet/${name}`,
    name,
    status: 'active',
    compose: { include: codes.map(([system, code]) => ({ system, concept: [{ code }] })) },
  };
}

/** Everything in one transaction, each by a conditional update over its URL. */
export function transaction(...resources: (r4.Measure | r4.Library | r4.ValueSet)[]) {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({
      fullUrl: `urn:uuid:${crypto.randomUUID()}`,
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}?url=${encodeURIComponent(resource.url ?? '')}` },
    })),
  };
}
