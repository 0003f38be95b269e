import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { chapters } from '../tests/measures/engine/operators/corpus.ts';
import { evaluateChapter, type Outcome } from '../tests/measures/engine/operators/evaluate-corpus.ts';
import { operatorTable } from '../tests/measures/engine/operators/operator-table.ts';

// Evaluates the corpus of operators on both engines. Writes docs/cql-operators.md: what is covered, and where cql-execution answers
// otherwise. With `--print` it writes the outcomes by chapter instead, as JSON, in the last line of its output.
const outcomes: Record<string, Outcome[]> = {};
for (const chapter of chapters) outcomes[chapter.name] = await evaluateChapter(chapter);
if (process.argv.includes('--print')) process.stdout.write(`\n${JSON.stringify(outcomes)}\n`);
else {
  const page = path.join(import.meta.dirname, '../docs/cql-operators.md');
  writeFileSync(page, operatorTable(Object.values(outcomes).flat()));
}
