import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Resource, r4 } from '../../../src/fhir/types.ts';
import { spokenIn } from '../../../src/web/family/spoken.ts';
import { kin } from '../../../src/web/family/words/kin.ts';
import { designationsOf, readDesignations } from '../../../src/web/shared/designations.ts';
import type { FhirClient } from '../../../src/web/shared/fhir-client.ts';

const roleSystem = 'http://careweave.org/fhir/CodeSystem/care-team-role';
const kinSystem = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';
const read = (path: string): r4.CodeSystem =>
  JSON.parse(readFileSync(new URL(`../../../profiles/code-systems/${path}.json`, import.meta.url), 'utf8'));

/** Answers with the code system of the house, as its value set is expanded. */
function client(concepts: r4.CodeSystemConcept[] = read('care-team-role').concept ?? []): FhirClient {
  const contains = concepts.map(({ code, display, designation }) => ({
    ...{ system: roleSystem, code, display },
    ...(designation && { designation }),
  }));
  const set = { resourceType: 'ValueSet', status: 'draft', expansion: { timestamp: '2026-11-23', contains } };
  return {
    ask: async () => [],
    transact: async () => ({ ok: true, value: { resourceType: 'Bundle', type: 'transaction-response' } }),
    get: async () => ({ ok: true, value: set as Resource }),
    all: async () => ({ ok: true, value: [] }),
  };
}

describe('roles and kinships in Spanish', () => {
  const relative = (relationship: r4.CodeableConcept): Resource =>
    ({ resourceType: 'RelatedPerson', id: 'one', relationship: [relationship] }) as Resource;
  const member = (role: r4.CodeableConcept): Resource =>
    ({ resourceType: 'CareTeam', id: 'team', participant: [{ role: [role] }] }) as Resource;
  const said = async (resource: Resource) => {
    const known = designationsOf([...kin.es, ...(await readDesignations(client(), 'care-team-role', 'es'))]);
    const [spoken] = spokenIn([resource], known) as any[];
    return (spoken.relationship ?? spoken.participant[0].role)[0].text;
  };

  test.each([
    ['what somebody wrote in words of their own stands', relative({ text: 'Mamá Lupe' }), 'Mamá Lupe'],
    [
      'also beside a code',
      relative({ coding: [{ system: kinSystem, code: 'MTH' }], text: 'mother, at night only' }),
      'mother, at night only',
    ],
    ['a code without words here stands', relative({ coding: [{ system: kinSystem, code: 'COUSN' }] }), undefined],
    ['a code', relative({ coding: [{ system: kinSystem, code: 'GRMTH' }] }), 'abuela'],
    ['a code with its own name', relative({ coding: [{ system: kinSystem, code: 'MTH' }], text: 'Mother' }), 'madre'],
    [
      'a role by its designation',
      member({ coding: [{ system: roleSystem, code: 'primary-care' }], text: 'Primary care' }),
      'Atención primaria',
    ],
    ['a name of ours without its code', member({ text: 'Works on a referral' }), 'Atiende una derivación'],
    [
      'our name beside another’s code',
      member({ coding: [{ system: 'http://snomed.info/sct', code: '768832004' }], text: 'Lead care coordinator' }),
      'Coordinadora o coordinador principal',
    ],
  ])('%s', async (_name, resource, words) => {
    expect(await said(resource)).toBe(words);
  });

  test.each(['care-team-role', 'family-support'])('every code of %s has a Spanish name', (name) => {
    const missing = (read(name).concept ?? []).filter(
      ({ designation }) => !designation?.some(({ language, value }) => language === 'es' && value !== ''),
    );
    expect(missing).toEqual([]);
  });
});
