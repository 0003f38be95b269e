import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '../../../src/fhir/types.ts';
import { assemble } from '../../../src/measures/definition/assemble.ts';
import { createEvaluations } from '../../../src/measures/posted/evaluations.ts';
import { createTranslator } from '../../../src/measures/translate.ts';
import type { ReadyMeasure } from '../../../src/measures/types.ts';
import { cqlOf, measure } from './bundle.ts';
import { endless } from './endless.ts';

/** The same of constants, which are computed when the logic is made ready. */
const endlessAtOnce = `context Patient
define "All": true
define "Multiplied": Count((expand { Interval[1, 100000] } per 1) except (expand { Interval[200001, 300000] } per 1)) > 0
`;
const greedy = `context Patient
define "Size": if Patient.gender.value = 'male' then 900 else 1
define "All": true
define function "Expanded"(n Integer): expand { Interval[1, 90000 + n] } per 1
define "Multiplied": Count((expand Interval[1, "Size"] per 1) A return all "Expanded"(A)) > 0
`;
const populations = { 'initial-population': 'All', denominator: 'All', numerator: 'Multiplied' };
const boy: Resource = { resourceType: 'Patient', id: 'boy', birthDate: '2020-05-01', gender: 'male' };
const girl: Resource = { resourceType: 'Patient', id: 'girl', birthDate: '2020-05-01', gender: 'female' };
const year = { start: '2026-01-01', end: '2026-12-31' };

describe('logic that never ends or takes all memory', () => {
  const translate = createTranslator();
  const structures = join(import.meta.dirname, '../../../build/fhir/structures');
  const evaluations = createEvaluations(structures, { within: { loadMs: 60_000, evaluateMs: 2000, megabytes: 768 } });
  const quickToLoad = createEvaluations(structures, { within: { loadMs: 2000, evaluateMs: 60_000, megabytes: 768 } });
  const patient = createEvaluations(structures, { within: { loadMs: 60_000, evaluateMs: 60_000, megabytes: 128 } });
  afterAll(() => Promise.all([evaluations, quickToLoad, patient].map((each) => each.close())));

  const definitionOf = (name: string, body: string) => {
    const { elm, problems } = translate(cqlOf(name, body));
    expect(problems).toEqual([]);
    return assemble({
      measure: { ...measure(name, 'proportion', populations), id: name },
      types: new Set(['Patient']),
      libraries: [{ id: name, version: '1.0.0', elm }],
      valueSet: () => undefined,
    }).definition;
  };
  const ready = async (name: string, body: string, by = evaluations): Promise<ReadyMeasure> => {
    const made = await by.ready(definitionOf(name, body));
    if (!made.ok) throw new Error(made.error.issues[0]?.text);
    return made.value;
  };
  const told = async (one: ReadyMeasure, child: Resource) => {
    const result = await one.evaluate([child], year);
    return result.ok
      ? result.value.groups[0]?.units.map(({ populations: of }) => of.join(' '))
      : result.error.issues[0]?.text;
  };
  const stopped = 'Stopped: Measure Endless: It took too long or too much memory.';

  test('is stopped; another child and another measure are answered afterwards', async () => {
    const one = await ready('Endless', endless);
    expect(await told(one, girl)).toEqual(['initial-population denominator numerator']);
    expect(await told(one, boy)).toBe(stopped);
    expect(await told(one, girl)).toEqual(['initial-population denominator numerator']);
  }, 60_000);

  test('is left alone for a while when it was stopped three times in a row, and nobody waits for it then', async () => {
    const one = await ready('Endless', endless);
    const all = await Promise.all([1, 2, 3, 4, 5].map(() => told(one, boy)));
    const rests = `${stopped.slice(0, -1)} several times in a row. It is tried again later.`;
    expect(all).toEqual([stopped, stopped, stopped, rests, rests]);
    expect(await told(one, girl)).toBe(rests);
    const other = await ready('Other', endless);
    expect(await told(other, girl)).toEqual(['initial-population denominator numerator']);
  }, 60_000);

  test('is refused when it never ends on being made ready', async () => {
    const made = await quickToLoad.ready(definitionOf('EndlessAtOnce', endlessAtOnce));
    expect(made.ok || made.error.issues).toEqual([
      {
        code: 'too-costly',
        text: 'Stopped: Measure EndlessAtOnce: It took too long or too much memory.',
      },
    ]);
  }, 60_000);

  test('keeps nobody waiting where there is a second process', async () => {
    const two = createEvaluations(structures, {
      processes: 2,
      within: { loadMs: 60_000, evaluateMs: 60_000, megabytes: 768 },
    });
    try {
      const [one, other] = [await ready('Endless', endless, two), await ready('Other', endless, two)];
      const first = await Promise.race([told(one, boy).then(() => 'endless'), told(other, girl).then(() => 'other')]);
      expect(first).toBe('other');
      // Again and again, whoever is asked meanwhile.
      const answers = await Promise.all([told(other, girl), told(other, girl), told(other, girl)]);
      expect(new Set(answers.flat())).toEqual(new Set(['initial-population denominator numerator']));
    } finally {
      await two.close();
    }
  }, 60_000);

  test('ends its process and not the server when it asks for more memory than there is', async () => {
    const one = await ready('Greedy', greedy, patient);
    expect(await told(one, boy)).toBe(stopped.replace('Endless', 'Greedy'));
    expect(await told(one, girl)).toEqual(['initial-population denominator numerator']);
  }, 60_000);
});
