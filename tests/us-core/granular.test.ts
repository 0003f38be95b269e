import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { demoTown } from '../../fixtures/town/index.ts';
import { scopeTypes } from '../../src/access/scope-filter.ts';
import { parseScopes } from '../../src/access/scopes.ts';
import { ok } from '../../src/base/errors.ts';
import { loadDefinitions } from '../../src/fhir/definitions.ts';
import { usCoreSearches } from '../../src/fhir/us-core-searches.ts';
import { startHttp, type TestHttp } from '../support/http.ts';
import { examplesIn, type Query } from './support/examples.ts';

/**
 * US-09: every search of Conditions and Observations once more, with tokens that see some categories only: what is found is what the whole
 * token finds, of these categories, no more and no less. The two sets of scopes are those of the test kit.
 */
const condition = 'http://terminology.hl7.org/CodeSystem/condition-category';
const usCore = 'http://hl7.org/fhir/us/core/CodeSystem/condition-category';
const observation = 'http://terminology.hl7.org/CodeSystem/observation-category';
const sdoh = 'http://hl7.org/fhir/us/core/CodeSystem/us-core-category';
const sets: Record<string, Record<string, readonly string[]>> = {
  first: {
    Condition: [`${condition}|encounter-diagnosis`, `${usCore}|health-concern`],
    Observation: [`${observation}|laboratory`, `${observation}|social-history`],
  },
  second: {
    Condition: [`${condition}|problem-list-item`],
    Observation: [`${observation}|vital-signs`, `${observation}|survey`, `${sdoh}|sdoh`],
  },
};
const tokens: Record<string, string> = {
  whole: 'patient/Condition.rs patient/Observation.rs',
  first: scopesOf('first'),
  second: scopesOf('second'),
};

function scopesOf(name: string): string {
  return Object.entries(sets[name] ?? {})
    .flatMap(([type, categories]) => categories.map((category) => `patient/${type}.rs?category=${category}`))
    .join(' ');
}

const definitions = loadDefinitions(path.join(import.meta.dirname, '../../build/fhir'));
let http: TestHttp;
let persona: any[];
beforeAll(async () => {
  const types = scopeTypes(definitions);
  const all = parseScopes('system/*.cruds', types).resource;
  http = await startHttp({
    verifyBearer: async (header = '') => {
      const scope = tokens[header.replace('Bearer ', '')];
      if (scope === undefined) return ok({ kind: 'client', id: 'all', clientId: 'all', scopes: all });
      const fhirUser = 'Practitioner/x';
      const scopes = parseScopes(scope, types).resource;
      return ok({ kind: 'user', id: fhirUser, clientId: 'page', fhirUser, patientId: 'everyfield', scopes });
    },
  });
  const town = demoTown();
  for (const file of [town.organizations, town.children[0]?.bundle ?? '', town.persona]) {
    const loaded = await http.send('POST', '/fhir', { text: readFileSync(file, 'utf8') });
    expect(loaded.status).toBe(200);
  }
  const bundle: { entry: { resource: any }[] } = JSON.parse(readFileSync(town.persona, 'utf8'));
  const own = bundle.entry
    .map(({ resource }) => resource)
    .filter(({ resourceType: type }) => Object.hasOwn(sets.first ?? {}, type));
  persona = await Promise.all(
    own.map(async ({ resourceType, id }) => (await http.send('GET', `/fhir/${resourceType}/${id}`)).json),
  );
});
afterAll(() => http?.close());

const categoriesOf = (resource: any): string[] =>
  (resource.category ?? []).flatMap(({ coding = [] }: any) =>
    coding.map(({ system, code }: any) => `${system}|${code}`),
  );

async function find(as: string, type: string, query: Query, method: 'GET' | 'POST'): Promise<any[]> {
  const parameters = new URLSearchParams([...query, ['_count', '200']]).toString();
  const answer =
    method === 'GET'
      ? await http.send('GET', `/fhir/${type}?${parameters}`, { as })
      : await http.send('POST', `/fhir/${type}/_search`, {
          as,
          text: parameters,
          headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        });
  expect([as, query, answer.status, answer.json.type]).toEqual([as, query, 200, 'searchset']);
  const found = (answer.json.entry ?? []).map(({ resource }: any) => resource);
  if (answer.json.total !== undefined) expect([query, answer.json.total]).toEqual([query, found.length]);
  return found;
}

const idsOf = (resources: readonly any[]) => resources.map(({ id }) => id).sort();
const rows = ['Condition', 'Observation'].flatMap((type) => {
  const { shall, should = [] } = usCoreSearches[type] ?? { shall: [] };
  return [...shall, ...should].map((parameters) => [type, parameters.join('+'), parameters] as const);
});

describe.each(rows)('US-09: %s by %s', (type, _name, parameters) => {
  test.each(Object.keys(sets))('with the %s set of granular scopes', async (set) => {
    const granted = sets[set]?.[type] ?? [];
    const own = persona.filter(({ resourceType }) => resourceType === type);
    const queries = new Map(examplesIn(own, parameters).map(({ query }) => [JSON.stringify(query), query]));
    expect(queries.size).toBeGreaterThan(0);
    // A dozen of them, from the first to the last.
    const step = Math.max(1, Math.floor(queries.size / 12));
    for (const query of [...queries.values()].filter((_, at) => at % step === 0)) {
      const whole = await find('whole', type, query, 'GET');
      const wanted = whole.filter((resource) => categoriesOf(resource).some((category) => granted.includes(category)));
      for (const method of ['GET', 'POST'] as const)
        expect([query, idsOf(await find(set, type, query, method))]).toEqual([query, idsOf(wanted)]);
    }
  });
});

test.each(['Condition', 'Observation'])(
  'US-09: %s read one by one: those of the categories, and no other',
  async (type) => {
    const seen: Record<string, number> = { first: 0, second: 0 };
    for (const resource of persona.filter(({ resourceType }) => resourceType === type)) {
      for (const [set, granted] of Object.entries(sets)) {
        const isGranted = categoriesOf(resource).some((category) => granted[type]?.includes(category));
        const { status } = await http.send('GET', `/fhir/${type}/${resource.id}`, { as: set });
        expect([set, resource.id, status]).toEqual([set, resource.id, isGranted ? 200 : 404]);
        if (isGranted) seen[set] = (seen[set] ?? 0) + 1;
      }
    }
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
  },
);
