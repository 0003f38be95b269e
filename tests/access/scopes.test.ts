import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { scopeTypes } from '../../src/access/scope-filter.ts';
import { formatScope, formatScopes, intersectScopes, parseScopes } from '../../src/access/scopes.ts';
import { loadDefinitions } from '../../src/fhir/definitions.ts';
import { growth, tooFast } from '../support/growth.ts';

const definitions = loadDefinitions(path.join(import.meta.dirname, '../../build/fhir'));
const names = ['Patient', 'Observation', 'Goal'];
const types = Object.assign(new Set(names), { tokenTest: scopeTypes(definitions).tokenTest });
const category = 'category=http://terminology.hl7.org/CodeSystem/observation-category';
const round = (text: string) => formatScopes(parseScopes(text, types));
const within = (wanted: string, ceiling: string) =>
  formatScopes(intersectScopes(parseScopes(wanted, types), parseScopes(ceiling, types)));

describe('not understood, so not granted (SC-150)', () => {
  test.each([
    'patient/Patient.',
    'patient/Patient.dus',
    'patient/Patient.sr',
    'patient/Patient.rr',
    'patient/Patient.reads',
    'patient/Patient.Read',
    'patient/Patient.cruds?',
    'patient/Patient.rs?',
    'patient/Patient.rs?gender',
    'patient/Patient.rs?gender=',
    'patient/Patient.read?gender=female',
    'patient/*.rs?_tag=x',
    'Patient.rs?gender=female',
    'patient/Banana.rs',
    'patient/patient.rs',
    'patient/.rs',
    'patient/*',
    'Patient/Patient.rs',
    'group/Patient.rs',
    'patient/Patient',
    'patient/Patient.rs/x',
    'constructor',
    '*.*',
  ])('%s', (text) => {
    expect(parseScopes(text, types)).toEqual({ resource: [], special: [], unknown: [text] });
  });

  test('a long text is read in the time of its length and bounded (TH-44)', () => {
    const read = (length: number) => {
      const text = `${'patient/Patient.'.repeat(length / 16)} ${'cruds'.repeat(length / 5)}`;
      return () => parseScopes(text, types);
    };
    expect(read(100_000)().resource).toEqual([]);
    expect(growth(read, 400_000)).toBeLessThan(tooFast);
    const many = Array.from({ length: 2000 }, (_, n) => `x${n}`).join(' ');
    expect(parseScopes(many, types).unknown).toHaveLength(2000);
  });
});

describe('filters that are not understood (SC-157, TH-31)', () => {
  test.each([
    ['a parameter that is not there', 'banana=x'],
    ['one of another type', 'gender=female'],
    ['no token', 'subject=Patient/1'],
    ['a date', 'date=2026'],
    ['a string', 'value-string=x'],
    ['a quantity', 'value-quantity=5'],
    ['a composite', 'code-value-concept=a$b'],
    ['the id', '_id=1'],
    ['a modifier', 'category:not=laboratory'],
    ['a modifier that other parameters have', 'category:in=http://x/ValueSet/y'],
    [':missing', 'category:missing=true'],
    ['a chain', 'subject.active=true'],
    ['_has', '_has:Provenance:target:_id=1'],
    ['_filter', '_filter=code eq x'],
    ['_include', '_include=Observation:subject'],
    ['_text', '_text=x'],
    ['any code of a system', 'category=http://x|'],
    ['nothing', 'category=|'],
    ['an empty alternative', 'category=laboratory,'],
    ['too many parts', 'category=a|b|c'],
    ['half of an escape', 'category=%E0'],
    ['one of two pairs', `${category}|laboratory&banana=x`],
    ['a pair without a value', `${category}|laboratory&`],
    ['a filter without an end', `category=${'x'.repeat(2000)}`],
    ['half a letter', 'category=\ud800'],
  ])('%s', (_name, filter) => {
    const text = `patient/Observation.rs?${filter}`.replaceAll(' ', '%20');
    expect(parseScopes(text, types)).toEqual({ resource: [], special: [], unknown: [text] });
    // Where nobody says what filters may ask, there are none.
    const plain = `patient/Observation.rs?${category}|laboratory`;
    expect(parseScopes(plain, new Set(names)).resource).toEqual([]);
  });
});

describe('granular (SC-154)', () => {
  test('SC-155 the filters that certification asks for, as they came', () => {
    const condition = 'http://terminology.hl7.org/CodeSystem/condition-category';
    const ours = 'http://hl7.org/fhir/us/core/CodeSystem';
    const text = [
      ...['laboratory', 'vital-signs', 'social-history', 'survey'].map((code) => `Observation.rs?${category}|${code}`),
      `Observation.rs?category=${ours}/us-core-category|sdoh`,
      ...['encounter-diagnosis', 'problem-list-item'].map((code) => `Condition.rs?category=${condition}|${code}`),
      `Condition.rs?category=${ours}/condition-category|health-concern`,
      `DocumentReference.rs?category=${ours}/us-core-documentreference-category|clinical-note`,
    ].flatMap((scope) => ['patient', 'user', 'system'].map((level) => `${level}/${scope}`));
    const parsed = parseScopes(text.join(' '), scopeTypes(definitions));
    expect([parsed.unknown, formatScopes(parsed)]).toEqual([[], text.join(' ')]);
    expect(parsed.resource[0]?.having).toEqual([
      { param: 'category', anyOf: [{ system: category.replace('category=', ''), code: 'laboratory' }] },
    ]);
  });

  test('pairs in any order, or said twice, are the same; alternatives after commas', () => {
    const texts = [
      'code=a,b&category=c',
      'category=c&code=a,b',
      'category=c&code=a,b&category=c',
      'category=%63&code=a%2Cb',
    ];
    const scopes = parseScopes(texts.map((text) => `patient/Observation.rs?${text}`).join(' '), types);
    expect(new Set(scopes.resource.map(formatScope))).toEqual(new Set(['patient/Observation.rs?category=c&code=a,b']));
    expect(scopes.resource[0]?.having).toEqual([
      { param: 'category', anyOf: [{ code: 'c' }] },
      { param: 'code', anyOf: [{ code: 'a' }, { code: 'b' }] },
    ]);
  });

  test('what would end a scope or a pair is written otherwise, and read back', () => {
    const text = 'patient/Observation.rs?code=a%20b%26c%25,%C3%A4\\,x|y';
    expect(round(text)).toBe(text);
    expect(parseScopes(text, types).resource[0]?.having).toEqual([
      { param: 'code', anyOf: [{ code: 'a b&c%' }, { system: 'ä,x', code: 'y' }] },
    ]);
  });

  const [lab, vital] = [`Observation.rs?${category}|laboratory`, `Observation.rs?${category}|vital-signs`];
  test.each([
    [`patient/${lab}`, 'patient/Observation.rs', `patient/${lab}`],
    [`patient/${lab}`, 'patient/*.r', `patient/${lab.replace('.rs', '.r')}`],
    ['patient/Observation.rs', `patient/${lab}`, `patient/${lab}`],
    ['patient/*.cruds', `patient/${lab} patient/Goal.r`, `patient/${lab} patient/Goal.r`],
    [`patient/${lab}`, `patient/${lab} patient/${vital}`, `patient/${lab}`],
    [`patient/${lab} patient/${vital}`, `patient/${vital}`, `patient/${lab}&${vital.split('?')[1]} patient/${vital}`],
    [`patient/${lab} patient/Observation.rs`, 'patient/*.rs', `patient/${lab} patient/Observation.rs`],
    ['patient/Observation.read', `patient/${lab}`, `patient/${lab}`],
    [`user/${lab}`, `patient/${lab}`, ''],
  ])('%s under %s is %s', (wanted, ceiling, granted) => {
    expect(within(wanted, ceiling)).toBe(granted);
  });
});

describe('understood', () => {
  test.each([
    ['patient/Patient.rs', 'patient/Patient.rs'],
    ['  launch   openid fhirUser ', 'launch openid fhirUser'],
    ['system/*.cruds', 'system/*.cruds'],
    ['patient/Goal.read patient/Goal.write user/*.*', 'patient/Goal.read patient/Goal.write user/*.*'],
    ['patient/Goal.r patient/Goal.r', 'patient/Goal.r'],
  ])('%s', (text, canonical) => {
    expect(round(text)).toBe(canonical);
  });

  test('v1 means its v2 letters, and .read never .rd (SC-151)', () => {
    const letters = parseScopes('patient/Goal.read patient/Goal.write patient/Goal.*', types).resource.map((scope) =>
      [...scope.interactions].join(''),
    );
    expect(letters).toEqual(['rs', 'cud', 'cruds']);
  });
});

describe('within a ceiling', () => {
  test.each([
    ['system/*.rs', 'system/Patient.cruds system/Goal.r', 'system/Patient.rs system/Goal.r'],
    ['system/Patient.cruds', 'system/*.rs', 'system/Patient.rs'],
    ['system/*.read', 'system/Patient.r', 'system/Patient.r'],
    ['patient/Goal.rs', 'user/Goal.rs', ''],
    ['patient/Goal.c', 'patient/Goal.rs', ''],
    ['launch openid', 'openid', 'openid'],
    ['patient/Goal.rs', 'patient/Goal.r patient/*.s', 'patient/Goal.rs'],
  ])('%s under %s is %s', (wanted, ceiling, granted) => {
    expect(within(wanted, ceiling)).toBe(granted);
  });

  test('never more than either side', () => {
    const word = fc
      .tuple(
        fc.constantFrom('patient', 'user', 'system'),
        fc.constantFrom('*', ...names),
        fc.subarray(['c', 'r', 'u', 'd', 's'], { minLength: 1 }),
      )
      .map(([level, type, letters]) => `${level}/${type}.${letters.join('')}`);
    const words = fc.array(word, { maxLength: 6 }).map((list) => list.join(' '));
    const allows = (text: string, level: string, type: string, letter: string) =>
      parseScopes(text, types).resource.some(
        (scope) =>
          scope.level === level &&
          (scope.type === '*' || scope.type === type) &&
          [...scope.interactions].some((interaction) => interaction === letter),
      );
    fc.assert(
      fc.property(words, words, (wanted, ceiling) => {
        const granted = within(wanted, ceiling);
        expect(round(granted)).toBe(granted);
        for (const level of ['patient', 'user', 'system']) {
          for (const type of names) {
            for (const letter of 'cruds') {
              const both = allows(wanted, level, type, letter) && allows(ceiling, level, type, letter);
              expect(allows(granted, level, type, letter)).toBe(both);
            }
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
