import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { chapters } from './corpus.ts';
import { evaluateChapter, type Outcome } from './evaluate-corpus.ts';
import { operatorTable } from './operator-table.ts';

const outcomes: Outcome[] = [];
for (const chapter of chapters) outcomes.push(...(await evaluateChapter(chapter)));
writeFileSync(path.join(import.meta.dirname, '../../../../docs/cql-operators.md'), operatorTable(outcomes));
