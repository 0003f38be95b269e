import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compileLogic, createSlice, type Logic } from '../../../src/measures/engine/logic.ts';
import type { MeasureDefinition } from '../../../src/measures/types.ts';
import { type Answer, createOracle } from '../../support/cql-execution/oracle.ts';
import { houseMeasures, year2026 } from '../house.ts';
import { fhirModel } from './built-model.ts';
import { childOf } from './children.ts';
import { comparable } from './comparable.ts';

/** Every definition of every measure that the build made, on made-up children, against the reference engine. */

const { measures } = houseMeasures();
const runs = 10;

function logicOf({ elm, libraries, valueSets }: MeasureDefinition): Logic {
  const included = libraries.map((library) => library.elm).filter((each) => each !== elm);
  const logic = compileLogic({ main: elm, libraries: included, valueSets, model: fhirModel });
  if (!logic.ok) throw new Error(logic.error.issues[0]?.text);
  return logic.value;
}

/** What says nothing: no, not known, none. */
function isEmpty(answer: Answer): boolean {
  return 'value' in answer && (answer.value === false || answer.value === null || String(answer.value) === '');
}

test.each(measures.map((measure) => [measure.name, measure] as const))(
  '%s',
  async (_, measure) => {
    const logic = logicOf(measure);
    const definitions = [...logic.definitions];
    const oracle = createOracle(measure);
    const now = new Date(`${year2026.end}T23:59:59.999Z`);
    let told = 0;
    await fc.assert(
      fc.asyncProperty(childOf(logic.retrievesOf(definitions)), async (resources) => {
        const evaluation = logic.over(createSlice(resources), { period: year2026, now, zone: 'UTC' });
        const ours: Record<string, Answer> = {};
        for (const name of definitions) {
          const answer = evaluation.value(name);
          ours[name] = answer.ok
            ? { value: comparable(answer.value, evaluation.referenceOf) }
            : { fault: answer.error.issues[0]?.text ?? '' };
          if (!isEmpty(ours[name])) told++;
        }
        expect(ours).toEqual(await oracle(resources, year2026, definitions));
      }),
      { numRuns: runs },
    );
    // Agreeing about children of whom there is nothing to say would prove little.
    expect(told).toBeGreaterThan(runs);
  },
  60_000,
);
