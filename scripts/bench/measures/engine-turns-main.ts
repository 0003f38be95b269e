import { join } from 'node:path';
import { plain } from '../../../src/fhir/json.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { createSchema } from '../../../src/fhir/validate/schema.ts';
import { createCompiler } from '../../../src/measures/engine/engine.ts';
import { createSlice } from '../../../src/measures/engine/logic.ts';
import { measureEvaluator } from '../../../src/measures/populations/evaluate-measure-logic.ts';
import type { ReadyMeasure } from '../../../src/measures/types.ts';
import { createReferenceEngine } from '../../../tests/support/cql-execution/engine.ts';
import { generateChild, vaccineChild } from './child.ts';
import { codeListsOf } from './code-lists.ts';
import { processorMicros } from './engine-speed.ts';
import { at, readyMeasures } from './ready.ts';
import type { EngineRole, Turn, TurnAsked } from './reference.ts';

/** The whole of a process, which is one of the two engines and answers turn by turn: see reference.ts. */
const [, , role, asked = ''] = process.argv;
const measures = await readyMeasures();
const children = childrenFor(asked);
const compile = createCompiler(() =>
  createSchema(join(import.meta.dirname, '..', '..', '..', 'build', 'fhir', 'structures')),
);
const engines = new Map<string, (turn: TurnAsked) => Promise<Turn>>();
process.on('message', (turn: TurnAsked) => {
  const engine = engines.get(turn.measure) ?? engineFor(turn.measure, role as EngineRole);
  engines.set(turn.measure, engine);
  void engine(turn).then((done) => process.send?.(done));
});
process.send?.('ready');

function childrenFor(text: string): readonly (readonly Resource[])[] {
  if (text === 'vaccine') return [vaccineChild()];
  const lists = codeListsOf(measures);
  return Array.from({ length: Number(text) }, (_, number) => generateChild(number, lists));
}

function engineFor(name: string, role: EngineRole): (turn: TurnAsked) => Promise<Turn> {
  const measure = measures.find((each) => each.name === name);
  if (!measure) throw new Error(`no measure ${name}`);
  return role === 'ours' ? oursOn(measure) : referenceOn(measure);
}

/** The same children over and over until the time is over. */
function oursOn({ answer }: ReadyMeasure): (turn: TurnAsked) => Promise<Turn> {
  return async ({ children: count, ms }) => {
    const some = children.slice(0, count);
    const ends = performance.now() + ms;
    const before = processorMicros();
    let done = 0;
    for (; performance.now() < ends; done += some.length) for (const child of some) answer?.(createSlice(child), at);
    return { micros: (processorMicros() - before) / done, children: count, errors: 0, definitions: 0 };
  };
}

/**
 * cql-execution is asked for the definitions that our evaluation asks its logic of the same child: populations, evidence, strata and
 * supplemental data, but not for functions of episodes, which ours calls besides; nor does it put an answer together.
 */
function referenceOn(measure: ReadyMeasure): (turn: TurnAsked) => Promise<Turn> {
  const definitionsOf = asker(measure);
  const engine = createReferenceEngine(measure);
  const work = children.map((ours) => ({ theirs: plain(ours), definitions: definitionsOf(ours) }));
  return async ({ children: count, ms }) => {
    const ends = performance.now() + ms;
    const before = processorMicros();
    let [done, errors, definitions] = [0, 0, 0];
    for (const each of work.slice(0, count)) {
      // The first turn finds out how many there is time for.
      if (done >= 3 && performance.now() > ends) break;
      done += 1;
      definitions += each.definitions.length;
      try {
        const evaluation = engine(each.theirs, at.period);
        for (const name of each.definitions) await evaluation.value(name);
      } catch {
        errors += 1;
      }
    }
    return { micros: (processorMicros() - before) / done, children: done, errors, definitions: definitions / done };
  };
}

/** Which definitions our evaluation asks for, each once, in the order of asking. */
function asker(measure: ReadyMeasure): (resources: readonly Resource[]) => string[] {
  const compiled = compile(measure);
  if (!compiled.ok) throw new Error(`${measure.name} does not compile`);
  const { logic } = compiled.value;
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
