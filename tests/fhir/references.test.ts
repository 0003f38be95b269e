import { describe, expect, test } from '@jest/globals';
import {
  eachReference,
  parseReference,
  rewriteReferences,
  splitCanonical,
  withLocalReferences,
} from '../../src/fhir/references.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { baseUrl } from './support/built.ts';

describe('reading a reference', () => {
  test.each([
    '',
    'Patient',
    'patient/1',
    'Patient/',
    'Patient/a b',
    '../Patient/1',
    'Patient/1/2',
    `Patient/${'x'.repeat(65)}`,
    'Patient/1/_history/',
  ])('%j is none', (text) => {
    expect(parseReference(text, baseUrl)).toBeUndefined();
  });

  test.each([
    ['Patient/1', { kind: 'local', type: 'Patient', id: '1' }],
    ['Patient/1/_history/2', { kind: 'local', type: 'Patient', id: '1', version: '2' }],
    [`${baseUrl}/Patient/1`, { kind: 'local', type: 'Patient', id: '1' }],
    [
      'http://careweave.example/fhirx/Patient/1',
      { kind: 'absolute', url: 'http://careweave.example/fhirx/Patient/1', type: 'Patient', id: '1' },
    ],
    [
      'http://other.example/Patient/1',
      { kind: 'absolute', url: 'http://other.example/Patient/1', type: 'Patient', id: '1' },
    ],
    ['http://other.example/vs|1', { kind: 'absolute', url: 'http://other.example/vs|1' }],
    ['#p', { kind: 'fragment', id: 'p' }],
    ['#', { kind: 'fragment', id: '' }],
    ['urn:UUID:0', { kind: 'urn', urn: 'urn:UUID:0' }],
    ['Patient?identifier=a|b', { kind: 'conditional', type: 'Patient', query: 'identifier=a|b' }],
  ])('%s', (text, expected) => {
    expect(parseReference(text, baseUrl)).toEqual(expected);
  });

  test('a canonical splits at its version', () => {
    expect(splitCanonical('http://x|1.0')).toEqual({ url: 'http://x', version: '1.0' });
    expect(splitCanonical('http://x')).toEqual({ url: 'http://x' });
  });
});

describe('rewriting references', () => {
  const urn = 'urn:uuid:11111111-1111-4111-8111-111111111111';
  const resource: Resource = {
    resourceType: 'DocumentReference',
    identifier: [{ system: urn, value: urn }],
    description: urn,
    subject: { reference: urn, display: urn },
    content: [{ attachment: { url: urn, title: 'plan' } }],
    contained: [{ resourceType: 'Goal', subject: { reference: urn } }],
    extension: [{ url: 'http://x.example', valueString: urn }],
  };
  const replaced = rewriteReferences(resource, (text) => (text === urn ? 'Patient/1' : undefined));

  test('leaves texts that only look like one', () => {
    expect(replaced).toMatchObject({
      identifier: [{ system: urn, value: urn }],
      description: urn,
      subject: { display: urn },
      extension: [{ valueString: urn }],
    });
  });
  test('reaches Reference.reference and url values, contained resources too', () => {
    expect(replaced).toMatchObject({
      subject: { reference: 'Patient/1' },
      content: [{ attachment: { url: 'Patient/1', title: 'plan' } }],
      contained: [{ subject: { reference: 'Patient/1' } }],
    });
  });
  test('does not touch the original, and gives it back when nothing changes', () => {
    expect(resource.subject).toEqual({ reference: urn, display: urn });
    expect(rewriteReferences(resource, () => undefined)).toBe(resource);
  });
  test('walks over every reference', () => {
    const seen: string[] = [];
    eachReference(resource, (text) => seen.push(text));
    expect(seen).toEqual([urn, urn]);
  });
});

describe('records of ours by their address', () => {
  const base = 'https://ours.example/fhir';
  const kept = (reference: string) => ({ resourceType: 'Basic', subject: { reference } });
  test.each([
    [`${base}/Patient/1`, 'Patient/1'],
    [`${base}/Patient/1/_history/2`, 'Patient/1/_history/2'],
    [`${base}/Patient/1/extra`, `${base}/Patient/1/extra`],
    [`${base}x/Patient/1`, `${base}x/Patient/1`],
    ['https://theirs.example/fhir/Patient/1', 'https://theirs.example/fhir/Patient/1'],
    ['Patient/1', 'Patient/1'],
    ['#one', '#one'],
    ['urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0', 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0'],
  ])('%s is kept as %s', (sent, expected) => {
    expect(withLocalReferences(kept(sent), base)).toEqual(kept(expected));
  });

  test('in extensions and contained resources too; not in uris, and not inside of a Bundle', () => {
    const here = `${base}/Patient/1`;
    const extension = [
      { url: here, valueReference: { reference: here } },
      { url: 'x', valueUri: here },
    ];
    const found = withLocalReferences({ resourceType: 'Basic', extension, contained: [kept(here)] }, base);
    expect(found).toEqual({
      resourceType: 'Basic',
      extension: [
        { url: here, valueReference: { reference: 'Patient/1' } },
        { url: 'x', valueUri: here },
      ],
      contained: [kept('Patient/1')],
    });
    const bundle = { resourceType: 'Bundle', type: 'document', entry: [{ resource: kept(here) }] };
    expect(withLocalReferences(bundle, base)).toBe(bundle);
  });
});
