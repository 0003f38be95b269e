import { describe, expect, test } from '@jest/globals';
import { evaluateSubject } from '../../src/measures/evaluate-subject.ts';
import { houseMeasures, measureNamed, testChildren, year2026 } from './house.ts';

const house = houseMeasures();

/** `<expected>-of-<group>-when-<case>.json`: what the first word stands for, in the order IP, denominator, exclusion, numerator. */
const memberships: Record<string, boolean[]> = {
  outside: [false, false, false, false],
  denominator: [true, true, false, false],
  exclusion: [true, true, true, false],
  numerator: [true, true, false, true],
};

describe.each(['childhood-immunization-status', 'well-child-visits'])('test children of %s', (name) => {
  const measure = measureNamed(house, name);
  const children = testChildren(name);

  test.each(children.map(({ file, resources }) => [file, resources] as const))('%s', async (file, resources) => {
    const [, expected = '', group] = /^(\w+)-of-(.+?)-when-.+\.json$/.exec(file) ?? [];
    const result = await evaluateSubject(measure, resources, year2026);
    if (expected === 'error') {
      expect(result.ok).toBe(false);
      if (!result.ok)
        expect(result.error.issues[0]?.text).toMatch(`Measure ${name}, library ${measure.library.id}, expression "`);
      return;
    }
    if (!result.ok) throw new Error(result.error.issues[0]?.text);
    const found = result.value.groups.find((each) => each.group === group);
    const member = new Set(found?.units.flatMap(({ populations }) => populations));
    const definition = measure.groups.find(({ id }) => id === group);
    expect(definition?.populations.map(({ id }) => member.has(id))).toEqual(memberships[expected]);
  });

  test('every membership that a file name can promise is promised for some child', () => {
    const promised = new Set(children.map(({ file }) => file.split('-of-')[0]));
    for (const membership of Object.keys(memberships)) expect(promised).toContain(membership);
  });

  test('every group is asked about', () => {
    for (const { id } of measure.groups)
      expect(children.some(({ file }) => file.includes(`-of-${id}-when-`))).toBe(true);
  });
});
