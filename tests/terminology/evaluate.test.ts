import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { r4 } from '../../src/fhir/types.ts';
import { evaluate, type Wanted } from '../../src/terminology/compose/evaluate.ts';
import { systemOf } from '../../src/terminology/systems/from-resource.ts';
import type { Library } from '../../src/terminology/types.ts';
import { codeSystem, systemUrls, valueSet } from './support/arbitrary.ts';
import { everyConcept, inactiveCode, isMember, type World } from './support/membership.ts';

const all: Wanted = { words: [], activeOnly: false };

function libraryOf({ systems, valueSets }: World): Library {
  const readers = new Map(Object.entries(systems).map(([url, one]) => [url, systemOf(one)]));
  return {
    system: async (url) => readers.get(url),
    valueSet: async (url) => valueSets[url],
    conceptMap: async () => undefined,
  };
}

const animals: r4.CodeSystem = {
  resourceType: 'CodeSystem',
  url: 'urn:animals',
  status: 'active',
  content: 'complete',
  concept: [{ code: 'dog', display: 'Dog', concept: [{ code: 'puppy', display: 'Young dog' }] }, { code: 'cat' }],
};

async function codesOf(compose: r4.ValueSetCompose, wanted = all, valueSets: World['valueSets'] = {}) {
  const set: r4.ValueSet = { resourceType: 'ValueSet', url: 'urn:set', status: 'active', compose };
  const systems = { 'urn:animals': animals, 'urn:part': { ...animals, url: 'urn:part', content: 'fragment' as const } };
  const answer = await evaluate(set, libraryOf({ systems, valueSets: { ...valueSets, 'urn:set': set } }), wanted);
  return answer.ok ? answer.value.map(({ code }) => code) : answer.error.issues[0]?.code;
}

const filtered = (property: string, op: string, value: string): r4.ValueSetCompose => ({
  include: [{ system: 'urn:animals', filter: [{ property, op: op as '=', value }] }],
});

describe('a value set that cannot be evaluated exactly is an error', () => {
  test.each<[string, r4.ValueSetCompose, string]>([
    ['an unknown code system', { include: [{ system: 'urn:unknown' }] }, 'not-found'],
    ['a fragment of a code system', { include: [{ system: 'urn:part' }] }, 'not-supported'],
    ['an unknown value set', { include: [{ valueSet: ['urn:unknown'] }] }, 'not-found'],
    ['a value set that includes itself', { include: [{ valueSet: ['urn:set'] }] }, 'invalid'],
    ['an unknown operator', filtered('code', 'sounds-like', 'dog'), 'not-supported'],
    ['an unknown property', filtered('color', '=', 'brown'), 'not-supported'],
    ['a name of every object as a property', filtered('constructor', '=', 'x'), 'not-supported'],
    ['an unknown code in a hierarchy', filtered('concept', 'is-a', 'cow'), 'code-invalid'],
    ['a hierarchy of a property', filtered('display', 'is-a', 'dog'), 'not-supported'],
    ['a broken pattern', filtered('code', 'regex', '('), 'invalid'],
    ['a pattern that is too long', filtered('code', 'regex', 'a'.repeat(300)), 'too-costly'],
    ['neither system nor value set', { include: [{}] }, 'invariant'],
    ['codes without a system', { include: [{ concept: [{ code: 'dog' }], valueSet: ['urn:set'] }] }, 'invariant'],
    [
      'an exclude of an unknown value set',
      { include: [{ system: 'urn:animals' }], exclude: [{ valueSet: ['urn:x'] }] },
      'not-found',
    ],
  ])('%s', async (_, compose, code) => {
    expect(await codesOf(compose)).toBe(code);
  });

  test('TH-41: a pattern that never ends is stopped', async () => {
    const long = { ...animals, concept: [{ code: `${'a'.repeat(60)}!` }] };
    const library = libraryOf({ systems: { 'urn:animals': long }, valueSets: {} });
    const compose = filtered('code', 'regex', '(a+)+');
    const answer = await evaluate({ resourceType: 'ValueSet', status: 'active', compose }, library, all);
    expect(answer).toMatchObject({ ok: false, error: { issues: [{ code: 'too-costly' }] } });
  });

  test('a circle through another value set', async () => {
    const other: r4.ValueSet = {
      resourceType: 'ValueSet',
      url: 'urn:other',
      status: 'active',
      compose: { include: [{ valueSet: ['urn:set'] }] },
    };
    expect(await codesOf({ include: [{ valueSet: ['urn:other'] }] }, all, { 'urn:other': other })).toBe('invalid');
  });

  test('value sets that double at every step are stopped', async () => {
    const valueSets: Record<string, r4.ValueSet> = {};
    for (let step = 0; step < 15; step += 1) {
      const next = step === 14 ? [{ system: 'urn:animals' }] : [{ valueSet: [`urn:${step + 1}`, `urn:${step + 1}`] }];
      const url = `urn:${step}`;
      valueSets[url] = { resourceType: 'ValueSet', url, status: 'active', compose: { include: next } };
    }
    expect(await codesOf({ include: [{ valueSet: ['urn:0'] }] }, all, valueSets)).toBe('too-costly');
  });

  test('a part of a stored expansion', async () => {
    const set: r4.ValueSet = {
      resourceType: 'ValueSet',
      status: 'active',
      expansion: { timestamp: '2026-01-01', total: 5, contains: [{ system: 'urn:animals', code: 'dog' }] },
    };
    const answer = await evaluate(set, libraryOf({ systems: {}, valueSets: {} }), all);
    expect(answer).toMatchObject({ ok: false, error: { issues: [{ code: 'not-supported' }] } });
  });
});

describe('evaluation', () => {
  test('follows the order of the includes and of the system, and names a code once', async () => {
    const system = 'urn:animals';
    expect(await codesOf({ include: [{ system, concept: [{ code: 'cat' }] }, { system }] })).toEqual([
      'cat',
      'dog',
      'puppy',
    ]);
  });

  test('keeps listed codes of a system that is not loaded', async () => {
    expect(await codesOf({ include: [{ system: 'urn:unknown', concept: [{ code: 'x' }] }] })).toEqual(['x']);
  });

  test('finds words by their beginnings, in the display the value set gives', async () => {
    const system = 'urn:animals';
    const include = [{ system, concept: [{ code: 'dog', display: 'Chien' }, { code: 'puppy' }] }];
    expect(await codesOf({ include }, { ...all, words: ['do', 'you'] })).toEqual(['puppy']);
    expect(await codesOf({ include }, { ...all, words: ['chi'] })).toEqual(['dog']);
  });

  test('agrees with the plain reading of the rules for random systems and value sets', async () => {
    const worlds = fc.tuple(
      fc.tuple(...systemUrls.map(codeSystem)),
      valueSet('urn:v2', []),
      valueSet('urn:v1', ['urn:v2']),
      valueSet('urn:v0', ['urn:v1', 'urn:v2']),
    );
    const request = fc.record({ activeOnly: fc.boolean(), word: fc.constantFrom('', 'mi', 'asth', 'c1') });
    let members = 0;
    await fc.assert(
      fc.asyncProperty(worlds, request, async ([systems, v2, v1, v0], { activeOnly, word }) => {
        const world: World = {
          systems: Object.fromEntries(systems.map((one) => [one.url, one])),
          valueSets: { 'urn:v0': v0, 'urn:v1': v1, 'urn:v2': v2 },
        };
        const wanted = { activeOnly, words: word === '' ? [] : [word] };
        let answer = await evaluate(v0, libraryOf(world), wanted);
        // None of these patterns is slow; the clock that bounds them also runs while other processes have the machine.
        for (let tries = 0; tries < 5 && !answer.ok && answer.error.issues[0]?.code === 'too-costly'; tries += 1)
          answer = await evaluate(v0, libraryOf(world), wanted);
        const expected = systems.flatMap((one) => {
          const displays = new Map(everyConcept(one).map(({ concept }) => [concept.code, concept.display ?? '']));
          return Array.from({ length: 9 }, (_, index) => `c${index}`)
            .filter((code) => isMember(v0, one.url ?? '', code, world))
            .filter((code) => !activeOnly || !inactiveCode(one.url ?? '', code, world))
            .filter((code) =>
              `${displays.get(code) ?? ''} ${code}`
                .toLowerCase()
                .split(' ')
                .some((part) => part.startsWith(word)),
            )
            .map((code) => `${one.url} ${code}`);
        });
        const found = answer.ok ? answer.value.map(({ system, code }) => `${system} ${code}`) : answer.error.issues;
        expect([...found].sort()).toEqual(expected.sort());
        members += expected.length;
      }),
      { numRuns: 1200 },
    );
    // Else the sets would be empty and agree on nothing.
    expect(members).toBeGreaterThan(1000);
  });
});
