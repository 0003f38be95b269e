import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { compareCase, isSettled } from '../../scripts/ecqm/compare.ts';
import type { CaseMapping, PublishedCase, PublishedValueSet } from '../../scripts/ecqm/published.ts';
import { replaceValueSets } from '../../scripts/ecqm/replace-value-sets.ts';
import { fail, ok } from '../../src/base/errors.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { houseMeasures, measureNamed } from '../measures/house.ts';

const root = path.join(import.meta.dirname, '../..');
const chlamydia = measureNamed(houseMeasures(), 'chlamydia-screening');
const mapping = JSON.parse(
  readFileSync(path.join(root, 'profiles/measures/chlamydia-screening/published-cases.json'), 'utf8'),
) as CaseMapping;

/** Every value set that the mapping asks for, with one invented code: its place in the list. */
const published: PublishedValueSet[] = [...new Set(Object.values(mapping.valueSets).flat())].map((url, index) => ({
  url,
  codesInTheseCases: [`http://example.org/codes|${index}`],
}));

function invented(valueSet: string, type: string, element: object): Resource {
  const source = mapping.valueSets[`http://careweave.org/fhir/ValueSet/${valueSet}`]?.[0];
  const code = String(published.findIndex(({ url }) => url === source));
  const concept = { coding: [{ system: 'http://example.org/codes', code }] };
  const coded = type === 'Encounter' ? { type: [concept] } : { code: concept };
  return { resourceType: type, id: valueSet, subject: { reference: 'Patient/robin' }, ...coded, ...element };
}

/** A young woman with a visit and a sign of being sexually active, tested or not. */
function inventedCase(id: string, tested: boolean, numerator: number): PublishedCase {
  const resources: Resource[] = [
    { resourceType: 'Patient', id: 'robin', gender: 'female', birthDate: '2007-04-04' },
    invented('outpatient-visits', 'Encounter', { status: 'finished', period: { start: '2025-03-03' } }),
    invented('conditions-of-the-sexually-active', 'Condition', { onsetDateTime: '2025-03-03' }),
    ...(tested
      ? [
          invented('chlamydia-tests', 'Observation', {
            status: 'final',
            effectiveDateTime: '2025-03-03',
            valueInteger: 1,
          }),
        ]
      : []),
  ];
  const counts = { 'initial-population': 1, denominator: 1, 'denominator-exclusion': 0, numerator };
  return {
    case: id,
    description: 'invented',
    period: { start: '2025-01-01', end: '2025-12-31' },
    expected: [{ population: Object.entries(counts).map(([code, count]) => ({ code, count })) }],
    bundle: { entry: resources.map((resource) => ({ resource })) },
  };
}

function runOn(cases: unknown, valueSets: unknown, ...more: string[]) {
  const dir = mkdtempSync(path.join(tmpdir(), 'ecqm-'));
  writeFileSync(path.join(dir, 'cases.json'), JSON.stringify(cases));
  writeFileSync(path.join(dir, 'value-sets.json'), JSON.stringify(valueSets));
  const files = ['--cases', path.join(dir, 'cases.json'), '--value-sets', path.join(dir, 'value-sets.json')];
  return spawnSync(
    process.execPath,
    [path.join(root, 'scripts/ecqm-cases.ts'), '--measure', 'chlamydia-screening', ...files, ...more],
    { encoding: 'utf8' },
  );
}

describe('the command', () => {
  test('ends with 1 and names case, group and population when one case differs', () => {
    const run = runOn([inventedCase('case-1', true, 1), inventedCase('case-2', false, 1)], published);
    expect(run.stdout).toContain('agrees  case-1');
    expect(run.stdout).toMatch(/differs case-2 .*\n +screening numerator: expected 1, found 0/);
    expect(run.stderr).toContain('2 cases, 1 agree, 1 differ unexplained');
    expect(run.status).toBe(1);
  });

  test('ends with 0 when all agree, and tells it as JSON', () => {
    const run = runOn([inventedCase('case-1', true, 1), inventedCase('case-2', false, 0)], published, '--json');
    expect(JSON.parse(run.stdout)).toEqual([
      { case: 'case-1', description: 'invented', differences: [] },
      { case: 'case-2', description: 'invented', differences: [] },
    ]);
    expect(run.status).toBe(0);
  });

  test('ends with 2 when a published value set is not there', () => {
    const run = runOn([], published.slice(1));
    expect(run.stderr).toContain(`no published value set ${published[0]?.url}`);
    expect(run.status).toBe(2);
  });
});

describe('value sets', () => {
  test('are refused when the mapping names one that the measure does not use', () => {
    const odd = { groups: [], valueSets: { 'http://example.org/unused': [] } };
    expect(() => replaceValueSets(chlamydia.valueSets, odd, [])).toThrow('http://example.org/unused');
  });

  test('hold the published codes and single codes instead of ours; those not named keep ours and are told', () => {
    const isotretinoin = 'http://careweave.org/fhir/ValueSet/isotretinoin';
    const one = {
      groups: [],
      valueSets: { [isotretinoin]: ['http://example.org/published', 'http://example.org/codes|b'] },
    };
    const { valueSets, kept } = replaceValueSets(chlamydia.valueSets, one, [
      { url: 'http://example.org/published', codesInTheseCases: ['http://example.org/codes|a'] },
    ]);
    expect(valueSets.find(({ url }) => url === isotretinoin)?.compose?.include).toEqual([
      { system: 'http://example.org/codes', concept: [{ code: 'a' }] },
      { system: 'http://example.org/codes', concept: [{ code: 'b' }] },
    ]);
    expect(kept).toHaveLength(chlamydia.valueSets.length - 1);
  });
});

describe('a case', () => {
  const broken = { groups: chlamydia.groups, evaluate: async () => fail('unprocessable', 'cannot be evaluated') };
  const empty = { groups: chlamydia.groups, evaluate: async () => ok({ groups: [], supplemental: {} }) };
  const plain = { groups: ['screening'], valueSets: {} };

  test('that cannot be evaluated is not settled, even when nobody was to be counted', async () => {
    const nobody = {
      ...inventedCase('case-1', true, 0),
      expected: [{ population: [{ code: 'numerator', count: 0 }] }],
    };
    const verdict = await compareCase(broken, nobody, plain);
    expect(verdict).toMatchObject({ differences: [], error: 'cannot be evaluated' });
    expect(isSettled(verdict)).toBe(false);
  });

  test('that differs is settled by a written reason, and the difference stays told', async () => {
    const verdict = await compareCase(empty, inventedCase('case-1', true, 1), {
      ...plain,
      explained: { 'case-1': 'meant' },
    });
    expect(verdict.differences.map(({ population }) => population)).toEqual([
      'initial-population',
      'denominator',
      'numerator',
    ]);
    expect(isSettled(verdict)).toBe(true);
  });

  test('that expects another number of groups, or a group that we do not have, is a fault of the mapping', async () => {
    const two = { groups: ['screening', 'screening'], valueSets: {} };
    await expect(compareCase(empty, inventedCase('case-1', true, 1), two)).rejects.toThrow('expects 1 groups');
    const other = { groups: ['other'], valueSets: {} };
    await expect(compareCase(empty, inventedCase('case-1', true, 1), other)).rejects.toThrow('other');
  });
});
