import { describe, expect, test } from '@jest/globals';
import {
  conditionalReferences,
  fullUrlKey,
  isRefused,
  linkEntry,
  type PlannedEntry,
  planBundle,
} from '../../src/fhir/bundle.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { baseUrl, builtDefinitions } from './support/built.ts';

const options = { baseUrl, definitions: builtDefinitions() };
const patient = { resourceType: 'Patient' };
const entry = (method: string, url: string, resource?: unknown, more: object = {}) => ({
  request: { method, url },
  ...(resource ? { resource } : {}),
  ...more,
});
const transaction = (...entries: unknown[]) => ({ resourceType: 'Bundle', type: 'transaction', entry: entries });

function planned(bundle: unknown): PlannedEntry[] {
  const plan = planBundle(bundle, options);
  if (!plan.ok) throw new Error(JSON.stringify(plan.error.issues));
  return plan.value.entries.filter((item): item is PlannedEntry => !isRefused(item));
}
function refusals(bundle: unknown): string[] {
  const plan = planBundle(bundle, options);
  return plan.ok ? [] : plan.error.issues.map(({ text }) => text);
}

describe('bundles that are refused', () => {
  test.each([
    ['no object', 'x'],
    ['another resource', patient],
    ['another type of bundle', { resourceType: 'Bundle', type: 'searchset' }],
    ['entry is no list', { resourceType: 'Bundle', type: 'batch', entry: {} }],
    ['too many entries', { resourceType: 'Bundle', type: 'batch', entry: new Array(10_001).fill({}) }],
  ])('%s', (_name, bundle) => {
    expect(planBundle(bundle, options).ok).toBe(false);
  });

  test.each([
    ['null', null],
    ['no request', { resource: patient }],
    ['no method', { request: { url: 'Patient' } }],
    ['PATCH', entry('PATCH', 'Patient/1', patient)],
    ['lower-case method', entry('post', 'Patient', patient)],
    ['no url', { request: { method: 'POST' }, resource: patient }],
    ['an unknown type', entry('POST', 'Banana', { resourceType: 'Banana' })],
    ['another server', entry('GET', 'http://other.example/Patient/1')],
    ['a path outside', entry('GET', '../admin')],
    ['metadata', entry('GET', 'metadata')],
    ['POST without resource', entry('POST', 'Patient')],
    ['POST of another type', entry('POST', 'Patient', { resourceType: 'Group' })],
    ['POST with an id', entry('POST', 'Patient/1', patient)],
    ['PUT without id', entry('PUT', 'Patient', patient)],
    ['PUT with another id', entry('PUT', 'Patient/1', { ...patient, id: '2' })],
    ['PUT without the id in the resource', entry('PUT', 'Patient/1', patient)],
    ['PUT of a version', entry('PUT', 'Patient/1/_history/1', { ...patient, id: '1' })],
    ['DELETE of a whole type', entry('DELETE', 'Patient')],
    ['DELETE of an operation', entry('DELETE', 'Patient/1/$everything')],
    ['a resource that is none', entry('POST', 'Patient', [])],
  ])('an entry with %s', (_name, bad) => {
    expect(refusals(transaction(bad))).toHaveLength(1);
  });

  test('all bad entries are named at once, and no value of theirs is', () => {
    const texts = refusals(
      transaction(entry('POST', 'Patient?name=Mustermann', patient), entry('GET', 'Patient/1'), null),
    );
    expect(texts).toHaveLength(2);
    expect(texts[0]).toMatch(/^Entry 0/);
    expect(texts[1]).toMatch(/^Entry 2/);
    expect(texts.join()).not.toContain('Muster');
  });

  test('two entries that write one resource, also when one names it by our own base', () => {
    const put = entry('PUT', 'Patient/1', { ...patient, id: '1' });
    expect(refusals(transaction(put, entry('DELETE', `${baseUrl}/Patient/1`)))).toHaveLength(1);
  });

  test('one fullUrl for two entries, in different case', () => {
    const a = entry('POST', 'Patient', patient, { fullUrl: 'urn:uuid:A' });
    const b = entry('POST', 'Patient', patient, { fullUrl: 'urn:uuid:a' });
    expect(refusals(transaction(a, b))).toHaveLength(1);
  });

  test('a urn that no entry answers to', () => {
    const goal = entry('POST', 'Goal', { resourceType: 'Goal', subject: { reference: 'urn:uuid:a' } });
    expect(refusals(transaction(goal))).toHaveLength(1);
    expect(refusals(transaction(goal, entry('POST', 'Patient', patient, { fullUrl: 'urn:uuid:A' })))).toHaveLength(0);
  });

  test('in a batch, only the bad entry is refused', () => {
    const plan = planBundle(
      { resourceType: 'Bundle', type: 'batch', entry: [null, entry('GET', 'Patient/1')] },
      options,
    );
    if (!plan.ok) throw new Error('refused whole');
    expect(plan.value.entries.map(isRefused)).toEqual([true, false]);
    expect(plan.value.order).toEqual([1]);
  });
});

describe('planning', () => {
  test('order is DELETE, POST, PUT, GET, and within each as sent', () => {
    const plan = planBundle(
      transaction(
        entry('GET', 'Patient?name=x'),
        entry('PUT', 'Patient/1', { ...patient, id: '1' }),
        entry('POST', 'Patient', patient),
        entry('HEAD', 'Patient/1'),
        entry('DELETE', 'Patient/2'),
        entry('POST', 'Goal', { resourceType: 'Goal' }),
      ),
      options,
    );
    expect(plan.ok && plan.value.order).toEqual([4, 2, 5, 1, 0, 3]);
    expect(plan.ok && plan.value.entries.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('an empty bundle is a plan of nothing', () => {
    expect(planBundle({ resourceType: 'Bundle', type: 'transaction' }, options)).toEqual({
      ok: true,
      value: { type: 'transaction', entries: [], order: [] },
    });
  });

  test('the request url is split', () => {
    const [search, version, operation, update] = planned(
      transaction(
        entry('GET', '/Patient?name=a%20b&x=y?z'),
        entry('GET', 'Patient/1/_history/2'),
        entry('GET', `${baseUrl}/Patient/1/$everything?_count=1`),
        {
          request: { method: 'PUT', url: 'Patient?identifier=a|b', ifMatch: 'W/"1"', ifNoneExist: 'x=y' },
          resource: patient,
        },
      ),
    );
    expect(search).toMatchObject({ type: 'Patient', query: 'name=a%20b&x=y?z' });
    expect(version).toMatchObject({ type: 'Patient', id: '1', version: '2' });
    expect(operation).toMatchObject({ type: 'Patient', id: '1', operation: 'everything', query: '_count=1' });
    expect(update).toMatchObject({ type: 'Patient', query: 'identifier=a|b', ifMatch: 'W/"1"', ifNoneExist: 'x=y' });
  });
});

describe('links', () => {
  const linked = (
    fullUrl: string | undefined,
    resource: Resource,
    map: [string, string][],
    conditionals: [string, string][] = [],
  ) =>
    linkEntry(
      { index: 0, method: 'POST', type: resource.resourceType, fullUrl, resource },
      { fullUrls: new Map(map.map(([key, value]) => [fullUrlKey(key), value])), conditionals: new Map(conditionals) },
    );
  const goal = (reference: string): Resource => ({ resourceType: 'Goal', subject: { reference } });

  test('what is no fullUrl stays', () => {
    expect(linked('urn:uuid:1', goal('Patient/7'), [['http://a.example/Patient/7', 'Patient/8']])).toEqual(
      goal('Patient/7'),
    );
    expect(
      linked(undefined, goal('http://a.example/Patient/9'), [['http://a.example/Patient/7', 'Patient/8']]),
    ).toEqual(goal('http://a.example/Patient/9'));
  });

  test.each([
    ['urn:uuid:AB', 'urn:uuid:ab'],
    ['urn:oid:1.2.3', 'urn:oid:1.2.3'],
    ['http://a.example/Patient/7', 'http://a.example/Patient/7'],
  ])('%s leads to its entry', (reference, fullUrl) => {
    expect(linked(undefined, goal(reference), [[fullUrl, 'Patient/8']])).toEqual(goal('Patient/8'));
  });

  test('a relative reference is read against the base of its own entry', () => {
    expect(linked('http://a.example/Goal/1', goal('Patient/7'), [['http://a.example/Patient/7', 'Patient/8']])).toEqual(
      goal('Patient/8'),
    );
  });

  test('conditional references are listed and replaced', () => {
    const conditional = goal('Patient?identifier=a|b');
    expect(conditionalReferences(conditional)).toEqual(['Patient?identifier=a|b']);
    expect(linked(undefined, conditional, [], [['Patient?identifier=a|b', 'Patient/8']])).toEqual(goal('Patient/8'));
  });
});
