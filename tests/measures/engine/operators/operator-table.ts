import type { Outcome } from './evaluate-corpus.ts';
import { knownDifferences } from './known-differences.ts';

/** ELM operators of CQL 1.5 that are not supported: a library with one of them is refused at load, by its name. */
export const refusedNodes: readonly string[] = [
  'Current',
  'Filter',
  'ForEach',
  'Iteration',
  'Repeat',
  'Sort',
  'SubsumedBy',
  'Subsumes',
  'Times',
  'Total',
];

/** Operators that no text of the corpus leads to; tested on ELM itself, in elm-only.test.ts. */
export const elmOnly: readonly string[] = [
  'AnyInCodeSystem',
  'CanConvert',
  'Children',
  'Convert',
  'Descendents',
  'NotEqual',
  'TimezoneFrom',
  'ToList',
];

/** docs/cql-operators.md: every operator, its cases, and how cql-execution answers them. */
export function operatorTable(outcomes: readonly Outcome[]): string {
  const names = [...new Set(outcomes.map(({ entry }) => entry.operator))].sort();
  const rows = names.map((name) => {
    const own = outcomes.filter(({ entry }) => entry.operator === name);
    const agreed = own.filter(({ oracle, oursAlike }) => oracle === oursAlike).length;
    return `| ${name} | ${own.length} | ${agreed} | ${own.length - agreed || ''} |`;
  });
  const different = outcomes.filter(({ oracle, oursAlike }) => oracle !== oursAlike);
  const reasons = knownDifferences.map(({ because, gives }) => {
    const cases = Object.entries(gives).map(([cql, theirs]) => {
      const ours = outcomes.find(({ entry }) => entry.cql === cql)?.oursAlike;
      return `  - \`${cql}\`: here \`${ours}\`, there \`${theirs}\``;
    });
    return `- ${because}\n${cases.join('\n')}`;
  });
  const agreed = outcomes.length - different.length;
  return `# CQL operators

Written from tests/measures/engine/operators by \`node scripts/build-cql-operators.ts\`; a test fails when it is stale. Every operator of the
compiled engine is asked the cases of the corpus; each has to give what CQL 1.5 says, and is compared with cql-execution 3.3.

${names.length} operators, ${outcomes.length} cases: cql-execution agrees in ${agreed}; the other ${different.length} are explained below.

| ELM operator | Cases | cql-execution agrees | differs |
|---|---|---|---|
${rows.join('\n')}

Tested on ELM itself, because no text of the corpus leads to them: ${elmOnly.join(', ')}.

Refused at load, by name: ${refusedNodes.join(', ')}, and every node that CQL 1.5 does not have.

## Where cql-execution differs

${reasons.join('\n')}
`;
}
