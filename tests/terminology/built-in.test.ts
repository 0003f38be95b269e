import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { r4 } from '../../src/fhir/types.ts';
import { readBuiltIn } from '../../src/terminology/built-in.ts';
import { evaluate } from '../../src/terminology/compose/evaluate.ts';
import { systemOf } from '../../src/terminology/systems/from-resource.ts';
import type { TestHttp } from '../support/http.ts';
import { out, serveTerminology } from './support/serve.ts';

const file = path.join(import.meta.dirname, '../../build/terminology/terminology.json');
const content: { codeSystems: r4.CodeSystem[]; valueSets: r4.ValueSet[] } = JSON.parse(readFileSync(file, 'utf8'));

describe('what is built in', () => {
  test('is small and has no licensed code system', () => {
    expect(statSync(file).size).toBeLessThan(3 * 1024 * 1024);
    const licensed = content.codeSystems.filter(({ url }) => /snomed|loinc|ama-assn/.test(url ?? ''));
    expect(licensed.flatMap(({ concept }) => concept ?? [])).toEqual([]);
    const parts = content.valueSets.flatMap(({ compose }) => compose?.include ?? []);
    expect(parts.filter(({ system }) => /ama-assn/.test(system ?? ''))).toEqual([]);
  });

  test('expands, or says why not, and most of it expands', async () => {
    const builtIn = readBuiltIn(file);
    const library = {
      system: async (url: string) => {
        const found = builtIn.codeSystem(url);
        return found && systemOf(found);
      },
      valueSet: async (url: string) => builtIn.valueSet(url),
      conceptMap: async () => undefined,
    };
    const reasons = new Map<string, number>();
    for (const valueSet of content.valueSets) {
      const answer = await evaluate(valueSet, library, { words: [], activeOnly: false });
      const reason = answer.ok ? 'expanded' : (answer.error.issues[0]?.code ?? '');
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    expect([...reasons.keys()].sort()).toEqual(['expanded', 'not-found', 'not-supported']);
    expect((reasons.get('expanded') ?? 0) / content.valueSets.length).toBeGreaterThan(0.85);
  });

  test('is nothing where the file is not there', () => {
    const none = readBuiltIn('/nowhere/terminology.json');
    expect(none.valueSet('http://hl7.org/fhir/ValueSet/administrative-gender')).toBeUndefined();
  });
});

describe('over HTTP, without loading', () => {
  let http: TestHttp;
  beforeAll(async () => {
    http = await serveTerminology();
  });
  afterAll(() => http.close());
  const get = (target: string) => http.send('GET', `/fhir/${target}`);
  const gender = encodeURIComponent('http://hl7.org/fhir/ValueSet/administrative-gender');

  test('SNOMED CT as a whole is refused, not shown in part', async () => {
    const url = encodeURIComponent('http://hl7.org/fhir/ValueSet/body-site');
    const answer = await get(`ValueSet/$expand?url=${url}`);
    expect([answer.status, answer.json.issue[0].code]).toEqual([422, 'not-supported']);
  });

  test('a required value set, in its version only', async () => {
    expect((await get(`ValueSet/$expand?url=${gender}&valueSetVersion=3.0.0`)).status).toBe(404);
    const answer = await get(`ValueSet/$expand?url=${gender}&valueSetVersion=4.0.1`);
    const codes = answer.json.expansion.contains.map(({ code }: any) => code);
    expect(codes).toEqual(['male', 'female', 'other', 'unknown']);
    const system = encodeURIComponent('http://hl7.org/fhir/administrative-gender');
    const found = await get(`ValueSet/$validate-code?url=${gender}&system=${system}&code=female`);
    expect([out(found, 'result'), out(found, 'display')]).toEqual([true, 'Female']);
  });

  test('a stored value set of the same URL goes before the built-in one', async () => {
    const own = {
      resourceType: 'ValueSet',
      id: 'own',
      url: 'http://hl7.org/fhir/ValueSet/administrative-gender',
      status: 'active',
      compose: { include: [{ system: 'urn:own', concept: [{ code: 'x' }] }] },
    };
    expect((await http.send('PUT', '/fhir/ValueSet/own', { body: own })).status).toBe(201);
    expect((await get(`ValueSet/$expand?url=${gender}`)).json.expansion.total).toBe(1);
  });
});
