import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { evaluateSubject } from '../../src/measures/evaluate-subject.ts';
import { houseMeasures, measureNamed, testChildren, year2026 } from './house.ts';

const house = houseMeasures();
/** The whole year has passed: what is asked of today is asked of its last day. */
const afterwards = { now: new Date('2027-01-15T12:00:00Z'), zone: 'UTC' };

/** `<expected>-of-<group>-when-<case>.json`: the populations that the first word stands for. */
const memberships: Record<string, string[]> = {
  outside: [],
  denominator: ['initial-population', 'denominator'],
  exclusion: ['initial-population', 'denominator', 'denominator-exclusion'],
  exception: ['initial-population', 'denominator', 'denominator-exception'],
  numerator: ['initial-population', 'denominator', 'numerator'],
};

const root = path.join(import.meta.dirname, '../../fixtures/measures');
const names = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

describe.each(names)('test children of %s', (name) => {
  const measure = measureNamed(house, name);
  const children = testChildren(name);

  test.each(children.map(({ file, resources }) => [file, resources] as const))('%s', async (file, resources) => {
    const [, expected = '', group] = /^([a-z-]+?)-of-(.+?)-when-.+\.json$/.exec(file) ?? [];
    const result = await evaluateSubject(measure, resources, year2026, afterwards);
    if (expected === 'error') {
      expect(result.ok).toBe(false);
      if (!result.ok)
        expect(result.error.issues[0]?.text).toMatch(new RegExp(`^Measure ${name}, library \\w+, expression "`));
      return;
    }
    if (!result.ok) throw new Error(result.error.issues[0]?.text);
    const definition = measure.groups.find(({ id }) => id === group);
    if (!definition) throw new Error(`no group ${group}`);
    // What is observed of a member is no membership: member-months.test.ts looks at the quantities.
    const codes = new Map(definition.populations.map(({ id, code }) => [id, code]));
    const isMembership = (id: string) => codes.get(id) !== 'measure-observation';
    const units = result.value.groups.find((each) => each.group === group)?.units ?? [];
    // Several episodes of one child are joined by `-and-`, in any order.
    const found = units.map(({ populations }) =>
      populations
        .filter(isMembership)
        .map((id) => codes.get(id))
        .join(),
    );
    const promised = expected.split('-and-').map((word) => (memberships[word] ?? [`unknown word ${word}`]).join());
    expect(found.sort()).toEqual(promised.filter((unit) => unit !== '').sort());
  });

  test('every membership that a file name can promise is promised for some child', () => {
    const promised = new Set(children.flatMap(({ file }) => file.split('-of-')[0]?.split('-and-')));
    const codes = new Set(measure.groups.flatMap(({ populations }) => populations.map(({ code }) => code)));
    for (const [membership, needed] of Object.entries(memberships))
      if (needed.every((code) => codes.has(code))) expect(promised).toContain(membership);
  });

  test('every group is asked about', () => {
    for (const { id } of measure.groups)
      expect(children.some(({ file }) => file.includes(`-of-${id}-when-`))).toBe(true);
  });
});
