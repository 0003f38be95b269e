import { expect, test } from '@jest/globals';
import { cqlOf, logicOf, over } from './logic-of.ts';

/** Logic of a few lines that, without bounds, would take all time or all memory of the server: anybody who may post measures can send it. */

/** Definitions of which each is made of the one before. */
const chain = (length: number, first: string, next: (before: string) => string) =>
  [
    `define "E0": ${first}`,
    ...Array.from({ length }, (_, n) => `define "E${n + 1}": ${next(`"E${n}"`)}`),
    `define "E": "E${length}"`,
  ].join('\n');
const callsTwice = Array.from(
  { length: 60 },
  (_, n) => `define function F${n + 1}(x Integer): F${n}(x) + F${n}(x + 1)`,
);

test.each([
  [
    'a list that doubles',
    chain(40, '{1, 2, 3}', (before) => `flatten { ${before}, ${before} }`),
    /list that is too long/,
  ],
  ['a text that doubles', chain(60, "'abcdef'", (before) => `${before} + ${before}`), /text would become too long/],
  [
    'functions that each call another twice',
    ['define function F0(x Integer): x + 1', ...callsTwice, 'define "E": F60(AgeInYears())'].join('\n'),
    /too many rows/,
  ],
  [
    'a product of sources',
    'define "Many": expand { Interval[1, 900] } per 1\ndefine "E": Count(from "Many" A, "Many" B, "Many" C where A.low + B.low + C.low = 9999)',
    /too many rows/,
  ],
])('%s ends as a fault of the measure', (_, body, text) => {
  const result = over(logicOf(cqlOf(body)), []).value('E');
  expect(result.ok ? 'a value' : result.error.issues[0]?.text).toMatch(text);
});
