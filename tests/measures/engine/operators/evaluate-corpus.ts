import type { r4 } from '../../../../src/fhir/types.ts';
import { compileLogic } from '../../../../src/measures/engine/logic.ts';
import { fhirModel } from '../built-model.ts';
import { elmOf, over } from '../logic-of.ts';
import { type Case, type Chapter, libraryOf, shownWords } from './corpus.ts';
import { askOracle } from './oracle.ts';
import { show, showAlike } from './show.ts';

/** A case with what came of it. */
export interface Outcome {
  entry: Case;
  /** What our engine gives, and what it has to give. */
  ours: string;
  expected: string;
  /** With numbers of all types alike: ours, and what cql-execution gives. */
  oursAlike: string;
  oracle: string;
  /** Whether the translator made the node that the section is named after of it. */
  hasNode: boolean;
}

const apple = { system: 'http://example.org/fruits', code: 'apple' };
const pear = { system: 'http://example.org/fruits', code: 'pear' };
const url = 'http://example.org/ValueSet/fruit-salad';
const fruitSalad: r4.ValueSet = {
  resourceType: 'ValueSet',
  url,
  status: 'active',
  compose: { include: [{ system: apple.system, concept: [{ code: apple.code }, { code: pear.code }] }] },
};

/** Translates a chapter once and asks both engines. Throws what the translator or our compiler refuses. */
export async function evaluateChapter(chapter: Chapter): Promise<Outcome[]> {
  const elm = elmOf(libraryOf(chapter));
  const logic = compileLogic({ main: elm, libraries: [], valueSets: [fruitSalad], model: fhirModel });
  if (!logic.ok) throw new Error(logic.error.issues[0]?.text);
  const evaluation = over(logic.value, []);
  const shown = (name: string, as: typeof show) => {
    const result = evaluation.value(name);
    return result.ok ? as(result.value) : 'error';
  };
  const names = chapter.cases.map((_, n) => `Actual ${n}`);
  const oracle = await askOracle(elm, names, { [url]: { '': [apple, pear] } });
  return chapter.cases.map((entry, n) => ({
    entry,
    ours: shown(`Actual ${n}`, show),
    expected: shownWords(entry) ?? shown(`Expected ${n}`, show),
    oursAlike: shown(`Actual ${n}`, showAlike),
    oracle: oracle[n] ?? 'not asked',
    hasNode: nodesOf(definitionOf(elm, `Actual ${n}`)).has(entry.operator),
  }));
}

function definitionOf(elm: any, name: string): unknown {
  return elm.library.statements.def.find((definition: { name: string }) => definition.name === name);
}

function nodesOf(node: unknown, found = new Set<string>()): Set<string> {
  if (typeof node !== 'object' || node === null) return found;
  if ('type' in node && typeof node.type === 'string') found.add(node.type);
  for (const child of Object.values(node)) nodesOf(child, found);
  return found;
}
