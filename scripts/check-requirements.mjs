/**
 * The requirements' rule (docs/requirements/README.md): an id that is done stands in the name of a test, a test names no id that is in
 * no table, and a state is one of four words. Takes other folders for its own test: `check-requirements.mjs [tables] [tests]`.
 */
import { readFileSync } from 'node:fs';
import { filesIn, testNames } from './test-names.mjs';

const states = ['done', 'partly', 'open', 'later'];
const [tables = 'docs/requirements', tests = 'tests'] = process.argv.slice(2);
const ids = /\b(?:SC|PP|TH|US|BD|SU)-\d{2,3}\b/g;
const problems = [];
const rows = readRows();
const named = new Map();
for (const path of filesIn(tests, /\.test\.tsx?$/)) {
  for (const name of testNames(path, ids)) {
    for (const [id] of name.matchAll(ids)) {
      named.set(id, path);
      if (!rows.has(id)) problems.push(`${path}: a test names ${id}, which is in no table of ${tables}`);
    }
  }
}
for (const [id, state] of rows)
  if (state === 'done' && !named.has(id)) problems.push(`${id} is done, but no test names it`);
if (rows.size === 0) problems.push(`there is no requirement in ${tables}`);
process.stdout.write([...new Set(problems)].map((line) => `${line}\n`).join(''));
process.exitCode = problems.length === 0 ? 0 : 1;

/** id → state, of every table. */
function readRows() {
  const found = new Map();
  for (const path of filesIn(tables, /\.md$/)) {
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      const [, id, , state] = /^\| *([A-Z]{2}-\d+) *\|(.*)\| *([^|]*?) *\|$/.exec(line) ?? [];
      if (id === undefined) {
        if (/^\| *[A-Z]{2}-\d/.test(line)) problems.push(`${path}: a row cannot be read: ${line.slice(0, 60)}`);
        continue;
      }
      if (found.has(id)) problems.push(`${path}: ${id} is there twice`);
      if (!states.includes(state)) problems.push(`${path}: the state of ${id} is none of ${states.join(', ')}`);
      found.set(id, state);
    }
  }
  return found;
}
