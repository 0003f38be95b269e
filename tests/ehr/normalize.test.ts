import { describe, expect, test } from '@jest/globals';
import { contentHash } from '../../src/ehr/content-hash.ts';
import { normalize } from '../../src/ehr/normalize/generic.ts';
import { readReference } from '../../src/ehr/normalize/references.ts';
import { isResource } from '../../src/fhir/is-resource.ts';
import { parseJson, stringifyJson } from '../../src/fhir/json.ts';
import type { Resource } from '../../src/fhir/types.ts';

const baseUrl = 'https://lakeside.example/fhir';

function parsed(text: string): Resource {
  const value = parseJson(text);
  if (!isResource(value)) throw new Error('not a resource');
  return value;
}

function normalized(raw: Resource, known: Record<string, string> = {}): Resource {
  return normalize(raw, {
    siteId: 'lakeside',
    baseUrl,
    ourBase: 'https://plans.example/fhir',
    id: 'ours',
    resolve: ({ type, ehrId }) => known[`${type}/${ehrId}`],
  });
}

describe('references', () => {
  test.each([
    'urn:uuid:2b1c4f4e-0000-4000-8000-000000000000',
    '#contained',
    'https://other.example/fhir/Patient/1',
    'https://lakeside.example/fhirish/Patient/1',
    'Patient?identifier=1',
    'Patient/../Practitioner',
  ])('%s is not a resource of the site', (reference) => {
    expect(readReference(reference, baseUrl)).toBeUndefined();
  });

  test('relative, absolute and versioned references of the site are read', () => {
    const target = { type: 'Patient', ehrId: 'p.1' };
    expect(readReference('Patient/p.1', baseUrl)).toEqual(target);
    expect(readReference(`${baseUrl}/Patient/p.1`, baseUrl)).toEqual(target);
    expect(readReference('Patient/p.1/_history/3', baseUrl)).toEqual(target);
  });

  test('a target we do not hold becomes a logical reference, never a dangling one', () => {
    const result = normalized({
      resourceType: 'Observation',
      id: 'o',
      performer: [{ reference: 'Practitioner/gone', display: 'Dr. Wren' }],
    });
    expect(result.performer).toEqual([
      {
        type: 'Practitioner',
        identifier: { system: `${baseUrl}/Practitioner`, value: 'gone' },
        display: 'Dr. Wren',
      },
    ]);
  });

  test('a urn that leads nowhere becomes an identifier', () => {
    const result = normalized({
      resourceType: 'Observation',
      id: 'o',
      subject: { reference: 'urn:uuid:1', display: 'x' },
    });
    expect(result.subject).toEqual({ identifier: { system: 'urn:ietf:rfc:3986', value: 'urn:uuid:1' }, display: 'x' });
  });

  test('references are rewritten in extensions and contained resources too; fragments stay', () => {
    const result = normalized(
      {
        resourceType: 'Observation',
        id: 'o',
        contained: [{ resourceType: 'ServiceRequest', id: 'c', subject: { reference: 'Patient/p' } }],
        extension: [{ url: 'http://x.example/e', valueReference: { reference: `${baseUrl}/Patient/p` } }],
        basedOn: [{ reference: '#c' }],
      },
      { 'Patient/p': 'Patient/child' },
    );
    expect(result.contained).toEqual([
      { resourceType: 'ServiceRequest', id: 'c', subject: { reference: 'Patient/child' } },
    ]);
    expect(result.extension).toEqual([{ url: 'http://x.example/e', valueReference: { reference: 'Patient/child' } }]);
    expect(result.basedOn).toEqual([{ reference: '#c' }]);
  });
});

describe('normalize', () => {
  const text =
    '{"resourceType":"Observation","id":"o","meta":{"versionId":"7","lastUpdated":"2026-01-01T00:00:00Z",' +
    '"profile":["http://p.example"]},"extension":[{"url":"http://x.example/unknown","valueDecimal":1.10}],' +
    '"valueQuantity":{"value":12.50,"unit":"kg"}}';

  test('decimals and unknown extensions survive; the version of the site does not become ours', () => {
    const result = normalized(parsed(text));
    expect(stringifyJson(result)).toContain('"value":12.50');
    expect(stringifyJson(result)).toContain('"valueDecimal":1.10');
    expect(result.meta).toEqual({
      profile: ['http://p.example'],
      source: 'urn:careweave:site:lakeside#Observation/o',
    });
    expect(result.identifier).toEqual([{ use: 'secondary', system: `${baseUrl}/Observation`, value: 'o' }]);
  });

  test('a single identifier is left alone', () => {
    const single = { system: 'urn:x', value: '1' };
    const result = normalized({ resourceType: 'QuestionnaireResponse', id: 'q', identifier: single });
    expect(result.identifier).toEqual(single);
  });

  test('normalizing does not change its input', () => {
    const raw = parsed(text);
    normalized(raw);
    expect(stringifyJson(raw)).toBe(text);
  });
});

describe('content hash', () => {
  test('one digit more is another content', () => {
    const one = parsed('{"resourceType":"Observation","valueQuantity":{"value":1.1}}');
    const other = parsed('{"resourceType":"Observation","valueQuantity":{"value":1.10}}');
    expect(contentHash(one)).not.toBe(contentHash(other));
  });

  test('version, moment and order of properties do not count', () => {
    const one: Resource = { resourceType: 'Goal', id: 'g', meta: { versionId: '1', lastUpdated: '2026-01-01' } };
    const other: Resource = { id: 'g', resourceType: 'Goal', meta: { versionId: '2' } };
    expect(contentHash(one)).toBe(contentHash(other));
  });
});
