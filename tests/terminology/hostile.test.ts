import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { flatConcept } from '../../src/terminology/load/release.ts';
import { replaceSystem } from '../../src/terminology/load/write-system.ts';
import type { TestHttp } from '../support/http.ts';
import { serveTerminology } from './support/serve.ts';

let http: TestHttp;
beforeAll(async () => {
  http = await serveTerminology();
  const about = { url: 'urn:loaded', version: '1', properties: { kind: 'string' } };
  await replaceSystem(http.store, about, [flatConcept('a', 'Apple', { kind: 'fruit' })], () => {});
});
afterAll(() => http.close());

const long = 'x'.repeat(6000);
const texts = [
  '\0',
  'a\0b',
  "'; DROP TABLE terminology_concept; --",
  "a' | 'b:*",
  '\\',
  '\ud800',
  '__proto__',
  '%',
  long,
];

describe('hostile text is an answer or a refusal, never a fault', () => {
  test.each(texts)('case %#', async (text) => {
    const shown = encodeURIComponent(text.toWellFormed());
    const targets = [
      `ValueSet/$expand?url=${shown}`,
      `ValueSet/$expand?url=urn:x&filter=${shown}`,
      `ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/administrative-gender&system=${shown}&code=${shown}`,
      `CodeSystem/$validate-code?url=urn:loaded&code=${shown}`,
      `CodeSystem/$lookup?system=urn:loaded&code=${shown}`,
      `CodeSystem/$lookup?system=urn:loaded&version=${shown}&code=a`,
      `CodeSystem/$lookup?system=${shown}&code=a`,
      `CodeSystem/$subsumes?system=urn:loaded&codeA=a&codeB=${shown}`,
      `ConceptMap/$translate?url=${shown}&code=${shown}`,
    ];
    for (const target of targets) {
      const answer = await http.send('GET', `/fhir/${target}`);
      expect([target, answer.status < 500]).toEqual([target, true]);
      if (answer.status >= 400) expect(answer.json.issue[0].diagnostics ?? '').not.toContain('DROP');
    }
  });

  test.each(texts)('in a value set of the body, case %#', async (text) => {
    const parts = [
      { system: 'urn:loaded', filter: [{ property: 'kind', op: '=', value: text }] },
      { system: 'urn:loaded', filter: [{ property: text, op: 'exists', value: 'true' }] },
      { system: 'urn:loaded', filter: [{ property: 'concept', op: 'is-a', value: text }] },
      { system: 'urn:loaded', filter: [{ property: 'code', op: 'regex', value: text }] },
      { system: 'urn:loaded', concept: [{ code: text }] },
      { system: text },
      { valueSet: [text] },
    ];
    for (const include of parts) {
      const body = { resourceType: 'ValueSet', status: 'active', compose: { include: [include] } };
      const answer = await http.send('POST', `/fhir/ValueSet/$expand?filter=${encodeURIComponent("a'&!b")}`, { body });
      expect([include, answer.status < 500]).toEqual([include, true]);
    }
  });

  test('and nothing is lost by it', async () => {
    expect((await http.send('GET', '/fhir/CodeSystem/$lookup?system=urn:loaded&code=a')).status).toBe(200);
  });
});
