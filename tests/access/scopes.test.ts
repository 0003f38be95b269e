import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatScopes, intersectScopes, parseScopes } from '../../src/access/scopes.ts';

const types = new Set(['Patient', 'Observation', 'Goal']);
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
    'patient/Patient.rs?gender=female',
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

  test('a text of 100 kB is read in no time and bounded (TH-44)', () => {
    const started = performance.now();
    const parsed = parseScopes(`${'patient/Patient.'.repeat(6000)} ${'cruds'.repeat(20_000)}`, types);
    expect(parsed.resource).toEqual([]);
    const many = Array.from({ length: 2000 }, (_, n) => `x${n}`).join(' ');
    expect(parseScopes(many, types).unknown).toHaveLength(2000);
    expect(performance.now() - started).toBeLessThan(200);
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
        fc.constantFrom('*', ...types),
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
          for (const type of types) {
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
