import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { limits } from '../../src/base/limits.ts';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import type { SearchQuery } from '../../src/fhir/search/query.ts';
import { baseUrl, builtDefinitions } from './support/built.ts';

const definitions = builtDefinitions();
const parse = (type: string, params: [string, string][], handling: 'strict' | 'lenient' = 'strict') =>
  parseSearch(definitions, type, params, { handling, baseUrl });

function query(type: string, ...params: [string, string][]): SearchQuery {
  const parsed = parse(type, params);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error.issues));
  return parsed.value.query;
}
const filtersOf = (...asked: Parameters<typeof query>) =>
  query(...asked).filters.flatMap((criterion) => (criterion.kind === 'filter' ? [criterion] : []));
const values = (type: string, name: string, value: string) => filtersOf(type, [name, value])[0]?.values;
function issue(type: string, ...params: [string, string][]) {
  const parsed = parse(type, params);
  if (parsed.ok) throw new Error('was accepted');
  expect(parsed.error.kind).toBe('invalid');
  return parsed.error.issues[0];
}

describe('refused, by name', () => {
  test.each([
    ['an unknown parameter', 'nam', 'x', 'not-found'],
    ['a property of every object', 'constructor', 'x', 'not-found'],
    ['an unknown modifier', 'name:foo', 'x', 'invalid'],
    ['a modifier of another kind', 'gender:contains', 'x', 'invalid'],
    ['a type modifier that is no type', 'general-practitioner:Banana', '1', 'invalid'],
    ['a modifier not answered', 'name:text', 'x', 'not-supported'],
    ['a chain over what is no reference', 'name.family', 'x', 'not-found'],
    ['a chain to a parameter that no target has', 'general-practitioner.birthplace', 'x', 'not-found'],
    ['a chain to a type that is no target', 'organization:Patient.name', 'x', 'value'],
    ['a chain to no type', 'organization:Banana.name', 'x', 'value'],
    ['_has without a parameter', '_has:Observation:patient', 'x', 'invalid'],
    ['_has of an unknown type', '_has:Banana:patient:code', 'x', 'invalid'],
    ['_has by what does not refer here', '_has:Observation:encounter:code', 'x', 'not-found'],
    ['_filter with an operator of another kind', '_filter', 'gender co x', 'not-supported'],
    ['_filter that is malformed', '_filter', 'name eq', 'value'],
    ['a modifier that only _filter has', 'name:ends-with', 'x', 'invalid'],
    ['an empty value', 'name', '', 'value'],
    ['an empty alternative', 'gender', 'male,', 'value'],
    ['a string of white space', 'name', '  ', 'value'],
    ['missing with something else', 'name:missing', 'yes', 'value'],
    ['a token of three parts', 'identifier', 'a|b|c', 'value'],
    ['a token of nothing', 'identifier', '|', 'value'],
    ['a date that is none', 'birthdate', '2020-02-30', 'value'],
    ['a prefix that is none', 'birthdate', 'xx2020', 'value'],
    ['a prefix alone', 'birthdate', 'ge', 'value'],
    ['a reference to no type', 'organization', 'Banana/1', 'value'],
    ['a reference that is none', 'organization', 'a b', 'value'],
    ['a type against its modifier', 'general-practitioner:Practitioner', 'Organization/1', 'value'],
    ['_count below zero', '_count', '-1', 'value'],
    ['_count that is no number', '_count', '10.5', 'value'],
    ['_count with a modifier', '_count:missing', 'true', 'invalid'],
    ['_sort by nothing', '_sort', 'foo', 'value'],
    ['_sort by a place', '_sort', '', 'value'],
    ['_total', '_total', 'all', 'value'],
    ['_summary', '_summary', 'maybe', 'value'],
    ['_elements', '_elements', 'name,', 'value'],
    ['_include without parameter', '_include', 'Patient', 'value'],
    ['_include of a non-reference', '_include', 'Patient:name', 'value'],
    ['_include of an unknown type', '_include', 'Banana:subject', 'value'],
    ['_include with a bad target', '_include', 'Patient:organization:Banana', 'value'],
    ['_include with a bad modifier', '_include:all', 'Patient:organization', 'invalid'],
    ['_revinclude of everything by a parameter', '_revinclude', '*:patient', 'value'],
  ])('%s', (_name, name, value, code) => {
    expect(issue('Patient', [name, value])).toMatchObject({ code });
  });

  test('an unknown type', () => {
    expect(parse('Banana', []).ok).toBe(false);
  });

  test('the same control twice', () => {
    expect(issue('Patient', ['_count', '1'], ['_count', '2'])?.text).toContain('_count');
  });

  test('too many values in all', () => {
    const most = new Array(limits.search.maxOrValues).fill('x').join(',');
    const asked = new Array(limits.search.maxValues / limits.search.maxOrValues).fill(['name', most]);
    expect(parse('Patient', asked).ok).toBe(true);
    expect(issue('Patient', ...asked, ['given', 'x'])).toMatchObject({ code: 'too-costly' });
  });

  test('more than the bounds, also when lenient: dropping would widen the search', () => {
    const many = new Array(limits.search.maxOrValues + 1).fill('x').join(',');
    expect(issue('Patient', ['name', many])?.code).toBe('too-costly');
    expect(parse('Patient', [['name', many]], 'lenient').ok).toBe(false);
    const params = new Array(limits.search.maxParameters + 1).fill(['name', 'x']);
    expect(parse('Patient', params, 'lenient').ok).toBe(false);
  });

  test('all problems at once, and never a value', () => {
    const parsed = parse('Patient', [
      ['nam', 'Mustermann'],
      ['birthdate', 'Mustermann'],
      ['organization', 'Muster mann'],
      ['Muster mann', 'x'],
    ]);
    if (parsed.ok) throw new Error('was accepted');
    expect(parsed.error.issues).toHaveLength(4);
    expect(JSON.stringify(parsed.error)).not.toContain('Muster');
    expect(parsed.error.issues[0]?.text).toContain("'nam'");
  });

  test('nothing throws, whatever is asked', () => {
    const name = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'name',
        'name:exact',
        '_sort',
        '_include',
        'birthdate',
        'organization',
        'identifier',
        '_count',
        '__proto__',
      ),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, fc.string()), { maxLength: 4 }),
        fc.constantFrom<'strict' | 'lenient'>('strict', 'lenient'),
        (params, handling) => {
          expect(typeof parse('Patient', params, handling).ok).toBe('boolean');
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('lenient', () => {
  test('leaves out what it does not understand, and says so', () => {
    const parsed = parse(
      'Patient',
      [
        ['nam', 'x'],
        ['gender:in', 'y'],
        ['name', 'Z'],
      ],
      'lenient',
    );
    if (!parsed.ok) throw new Error('refused');
    expect(parsed.value.ignored).toEqual(['nam', 'gender:in']);
    expect(parsed.value.query.filters).toHaveLength(1);
  });
});

describe('values', () => {
  test('tokens', () => {
    expect(values('Patient', 'identifier', 'a,s|b,|c,d|')).toEqual([
      { kind: 'token', code: 'a' },
      { kind: 'token', system: 's', code: 'b' },
      { kind: 'token', system: '', code: 'c' },
      { kind: 'token', system: 'd' },
    ]);
  });

  test('escapes', () => {
    expect(values('Patient', 'identifier', 'a\\,b\\|c\\\\,d\\$')).toEqual([
      { kind: 'token', code: 'a,b|c\\' },
      { kind: 'token', code: 'd$' },
    ]);
  });

  test('references: ours become local, a single target is filled in', () => {
    expect(values('Observation', 'patient', '1')).toEqual([{ kind: 'reference', type: 'Patient', id: '1' }]);
    expect(values('Observation', 'subject', `1,Group/2,${baseUrl}/Patient/3,Patient/4/_history/5`)).toEqual([
      { kind: 'reference', id: '1' },
      { kind: 'reference', type: 'Group', id: '2' },
      { kind: 'reference', type: 'Patient', id: '3' },
      { kind: 'reference', type: 'Patient', id: '4', version: '5' },
    ]);
    expect(values('Observation', 'subject:Patient', '1')).toEqual([{ kind: 'reference', type: 'Patient', id: '1' }]);
    expect(values('Observation', 'subject', 'http://other.example/Patient/1')).toEqual([
      { kind: 'reference', url: 'http://other.example/Patient/1' },
    ]);
  });

  test('strings are normalized, except for exact', () => {
    expect(values('Patient', 'name', ' ÅNNA   Maria')).toEqual([{ kind: 'string', text: 'anna maria' }]);
    expect(values('Patient', 'name:exact', 'ÅNNA')).toEqual([{ kind: 'string', text: 'ÅNNA' }]);
  });

  test('dates become UTC ranges', () => {
    expect(values('Patient', 'birthdate', 'ge2020-02')).toEqual([
      { kind: 'date', prefix: 'ge', start: '2020-02-01T00:00:00.000Z', end: '2020-03-01T00:00:00.000Z' },
    ]);
    expect(values('Patient', '_lastUpdated', '2020-01-01T00:00:00 01:00')).toEqual([
      { kind: 'date', prefix: 'eq', start: '2019-12-31T23:00:00.000Z', end: '2019-12-31T23:00:01.000Z' },
    ]);
  });

  test('missing', () => {
    expect(values('Patient', 'birthdate:missing', 'true')).toEqual([{ kind: 'missing', missing: true }]);
    expect(values('Observation', 'value-quantity:missing', 'false')).toEqual([{ kind: 'missing', missing: false }]);
  });

  test('repetition is AND, comma is OR', () => {
    const filters = filtersOf('Patient', ['name', 'a,b'], ['name', 'c']);
    expect(filters.map((filter) => filter.values.length)).toEqual([2, 1]);
  });
});

describe('what shapes the result', () => {
  test('defaults', () => {
    expect(query('Patient')).toMatchObject({ count: limits.search.defaultCount, total: 'none', sort: [], filters: [] });
  });
  test('_count is clamped; 0 asks for the number alone', () => {
    expect(query('Patient', ['_count', '999999']).count).toBe(limits.search.maxCount);
    expect(query('Patient', ['_count', '0'])).toMatchObject({ count: 0, summary: 'count', total: 'accurate' });
    expect(query('Patient', ['_summary', 'count'])).toMatchObject({ count: 0, total: 'accurate' });
  });
  test('_sort, _elements', () => {
    const asked = query('Patient', ['_sort', '-birthdate,name'], ['_elements', 'name,birthDate']);
    expect(asked.sort.map(({ param, descending }) => [param.code, descending])).toEqual([
      ['birthdate', true],
      ['name', false],
    ]);
    expect(asked.elements).toEqual(['name', 'birthDate']);
  });
  test('_include and _revinclude', () => {
    const asked = query(
      'Observation',
      ['_include', 'Observation:subject:Patient'],
      ['_include:iterate', 'Patient:*'],
      ['_include', '*'],
      ['_revinclude', 'Provenance:target'],
      ['_revinclude', '*'],
    );
    expect(asked.includes).toMatchObject([
      { sourceType: 'Observation', param: { code: 'subject' }, targetType: 'Patient', iterate: false },
      { sourceType: 'Patient', param: '*', iterate: true },
      { sourceType: '*', param: '*', iterate: false },
    ]);
    expect(asked.revincludes).toMatchObject([
      { sourceType: 'Provenance', param: { code: 'target' } },
      { sourceType: '*', param: '*', iterate: false },
    ]);
  });
  test('_format and _pretty are not about the search', () => {
    expect(query('Patient', ['_format', 'json'], ['_pretty', 'true']).filters).toEqual([]);
  });
});
