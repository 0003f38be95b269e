import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compileLogic } from '../../../../src/measures/engine/logic.ts';
import { fhirModel } from '../built-model.ts';
import { over } from '../logic-of.ts';
import { askOracle } from './oracle.ts';
import {
  dateArithmetic,
  expressionOf,
  hasUnknownBound,
  isLessExact,
  libraryOfElm,
  numberArithmetic,
} from './random-elm.ts';
import { showAlike } from './show.ts';

type Node = Record<string, unknown>;

/**
 * What one engine knows and the other does not: where a bound is null, ours follows from what is known of it, and the other often gives up;
 * where a value is less exact than the comparison, ours says what CQL says, and the other takes what is equal for contained, or gives up.
 * A true and a false are never explained.
 */
function isExplained(node: Node, ours: string, theirs: string): boolean {
  const isOneUnknown = [ours, theirs].includes('null') || theirs === 'error';
  return isOneUnknown && (hasUnknownBound(node) || isLessExact(node));
}

const count = 400;

test.each<[string, fc.Arbitrary<Node>]>([
  ['dates', expressionOf('Date')],
  ['dates and times', expressionOf('DateTime')],
  ['times of day', expressionOf('Time')],
  ['integers', expressionOf('Integer')],
  ['arithmetic of dates', dateArithmetic],
  ['arithmetic of numbers', numberArithmetic],
])('cql-execution agrees on made-up %s', async (_, arbitrary) => {
  const seed = 20_260_101;
  const expressions = fc.sample(arbitrary, { numRuns: count, seed });
  const elm = libraryOfElm(expressions);
  const logic = compileLogic({ main: elm, libraries: [], valueSets: [], model: fhirModel });
  if (!logic.ok) throw new Error(logic.error.issues[0]?.text);
  const evaluation = over(logic.value, []);
  const ours = expressions.map((__, n) => {
    const result = evaluation.value(`Actual ${n}`);
    return result.ok ? showAlike(result.value) : 'error';
  });
  const names = expressions.map((__, n) => `Actual ${n}`);
  const theirs = await askOracle(elm, names, {});
  const different = expressions.flatMap((node, n) => {
    const [mine = '', other = ''] = [ours[n], theirs[n]];
    return mine === other || isExplained(node, mine, other) ? [] : [{ node: JSON.stringify(node), mine, other }];
  });
  expect(different).toEqual([]);
  // Most of it is the very same, and not because nothing is known.
  const same = ours.filter((answer, n) => answer === theirs[n] && answer !== 'null');
  expect(same.length).toBeGreaterThan(count * 0.6);
});
