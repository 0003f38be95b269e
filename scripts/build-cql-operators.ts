import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { chapters } from '../tests/measures/engine/operators/corpus.ts';
import { evaluateChapter, type Outcome } from '../tests/measures/engine/operators/evaluate-corpus.ts';
import { operatorTable } from '../tests/measures/engine/operators/operator-table.ts';

// Writes docs/cql-operators.md from the corpus of operators: what is covered, and where cql-execution answers otherwise.
const outcomes: Outcome[] = [];
for (const chapter of chapters) outcomes.push(...(await evaluateChapter(chapter)));
writeFileSync(path.join(import.meta.dirname, '../docs/cql-operators.md'), operatorTable(outcomes));
