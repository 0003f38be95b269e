import { join } from 'node:path';
import { plain } from '../../../src/fhir/json.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { createSchema } from '../../../src/fhir/validate/schema.ts';
import { createCompiler } from '../../../src/measures/engine/engine.ts';
import { createSlice, type Evaluation } from '../../../src/measures/engine/logic.ts';
import { measureEvaluator } from '../../../src/measures/populations/evaluate-measure-logic.ts';
import type { ReadyMeasure } from '../../../src/measures/types.ts';
import { createReferenceEngine } from '../../../tests/support/cql-execution/engine.ts';
import { generateChild, vaccineChild } from './child.ts';
import { codeListsOf } from './code-lists.ts';
import { processorMicros, round } from './engine-speed.ts';
import { at, readyMeasures } from './ready.ts';
import type { Reference, ReferenceTask } from './reference.ts';

const tries = 3;

/** The whole of a process: see reference.ts. */
const task: ReferenceTask = JSON.parse(process.argv[2] ?? '');
const measures = await readyMeasures();
const lists = codeListsOf(measures);
const some =
  task.children === 'vaccine'
    ? [vaccineChild()]
    : Array.from({ length: task.children }, (_, number) => generateChild(number, lists));
const chosen = measures.filter(({ name }) => task.only === undefined || name === task.only);
const measured = await againstReference(chosen, some, task.budgetMs);
process.stdout.write(JSON.stringify(measured), () => process.exit());

/** One child, and the definitions that our evaluation of a measure asks of its logic: populations, evidence, strata, supplemental data. */
interface Work {
  ours: readonly Resource[];
  theirs: readonly Resource[];
  definitions: readonly string[];
}

/**
 * Each measure on cql-execution (a development dependency) for a few children: as many as a quarter of `budgetMs` allows, at least
 * three. Both engines begin with the same records in memory, and cql-execution is asked for the definitions that ours asks for of
 * that child (not for functions of episodes, which ours calls besides; nor does it put an answer together). They take turns; of each the
 * best of three tries counts, after one that warms up, because whatever else the machine does only adds to it.
 */
async function againstReference(
  measures: readonly ReadyMeasure[],
  children: readonly (readonly Resource[])[],
  budgetMs: number,
): Promise<Reference[]> {
  const compile = createCompiler(() =>
    createSchema(join(import.meta.dirname, '..', '..', '..', 'build', 'fhir', 'structures')),
  );
  const found: Reference[] = [];
  for (const measure of measures) {
    const compiled = compile(measure);
    if (!compiled.ok) throw new Error(`${measure.name} does not compile`);
    const asked = asker(measure, compiled.value.logic);
    const all = children.map((ours) => ({ ours, theirs: plain(ours), definitions: asked(ours) }));
    const warm = await onReference(measure, all, budgetMs / (tries + 1));
    const same = all.slice(0, warm.children);
    ours(measure, same);
    let [referenceMicros, ourMicros] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let n = 0; n < tries; n += 1) {
      // Each pays for its own garbage, not for what the other left.
      globalThis.gc?.();
      referenceMicros = Math.min(referenceMicros, (await onReference(measure, same)).micros);
      globalThis.gc?.();
      ourMicros = Math.min(ourMicros, ours(measure, same));
    }
    found.push({
      measure: measure.name,
      referenceMicros: Math.round(referenceMicros),
      ourMicros: round(ourMicros),
      ratio: Math.round(referenceMicros / ourMicros),
      definitions: round(same.reduce((sum, { definitions }) => sum + definitions.length, 0) / same.length),
      referenceErrors: warm.errors,
      children: same.length,
    });
  }
  return found;
}

/** Which definitions our evaluation asks for, each once, in the order of asking. */
function asker(
  measure: ReadyMeasure,
  logic: Parameters<typeof measureEvaluator>[1] & {
    over(slice: ReturnType<typeof createSlice>, moment: typeof at): Evaluation;
  },
): (resources: readonly Resource[]) => string[] {
  const evaluate = measureEvaluator(measure, logic);
  return (resources) => {
    const evaluation = logic.over(createSlice(resources), at);
    const names = new Set<string>();
    evaluate({
      value: (name) => {
        names.add(name);
        return evaluation.value(name);
      },
      apply: (fn, args) => evaluation.apply(fn, args),
      explain: (definitions) => evaluation.explain(definitions),
      referenceOf: (value) => evaluation.referenceOf(value),
    });
    return [...names];
  };
}

async function onReference(
  measure: ReadyMeasure,
  work: readonly Work[],
  budgetMs = Number.POSITIVE_INFINITY,
): Promise<{ micros: number; errors: number; children: number }> {
  const engine = createReferenceEngine(measure);
  const started = performance.now();
  const before = processorMicros();
  let [children, errors] = [0, 0];
  for (const { theirs, definitions } of work) {
    if (children >= 3 && performance.now() - started > budgetMs) break;
    children += 1;
    try {
      const evaluation = engine(theirs, at.period);
      for (const name of definitions) await evaluation.value(name);
    } catch {
      errors += 1;
    }
  }
  return { micros: (processorMicros() - before) / children, errors, children };
}

/** The same children over and over, ten thousand in all, so that it lasts about as long as a try of the reference. */
function ours({ answer }: ReadyMeasure, work: readonly Work[]): number {
  const times = Math.ceil(10_000 / work.length);
  const before = processorMicros();
  for (let n = 0; n < times; n += 1) for (const { ours } of work) answer?.(createSlice(ours), at);
  return (processorMicros() - before) / (times * work.length);
}
