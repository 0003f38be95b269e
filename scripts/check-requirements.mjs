/**
 * The requirements' rule (docs/requirements/README.md): an id that is done stands in the name of a test, a test names no id that is in
 * no table, and a state is one of four words. Takes other folders for its own test: `check-requirements.mjs [tables] [tests]`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';

const states = ['done', 'partly', 'open', 'later'];
const [tables = 'docs/requirements', tests = 'tests'] = process.argv.slice(2);
const problems = [];
const rows = readRows();
const named = new Map();
for (const path of filesIn(tests, /\.test\.tsx?$/)) {
  for (const name of testNames(path)) {
    for (const [id] of name.matchAll(/\b(?:SC|PP|TH|US|BD|SU)-\d{2,3}\b/g)) {
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

function filesIn(folder, pattern) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** What the file calls its tests: first arguments of test and describe, and the texts in the rows of an `each`. Skipped ones prove nothing. */
function testNames(path) {
  const text = readFileSync(path, 'utf8');
  if (!/(?:SC|PP|TH|US|BD|SU)-\d/.test(text)) return [];
  const names = [];
  const visit = (node) => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== 'object' || node === null) return;
    if (node.type === 'CallExpression') {
      const words = calleeWords(node.callee);
      if (/^(test|it|describe)$/.test(words[0] ?? '') && !words.some((word) => word === 'skip' || word === 'todo')) {
        const first = node.arguments[0]?.expression;
        names.push(
          ...(words.at(-1) === 'each' && node.callee.type === 'MemberExpression' ? textsIn(first) : textsOf(first)),
        );
      }
    }
    Object.values(node).forEach(visit);
  };
  visit(parseSync(text, { syntax: 'typescript', tsx: path.endsWith('x') }).body);
  return names;
}

/** `test.each([…])` → ['test', 'each']. */
function calleeWords(callee) {
  if (callee.type === 'Identifier') return [callee.value];
  if (callee.type === 'CallExpression') return calleeWords(callee.callee);
  if (callee.type !== 'MemberExpression') return [];
  return [...calleeWords(callee.object), callee.property.value];
}

function textsOf(node) {
  if (node?.type === 'StringLiteral') return [node.value];
  return node?.type === 'TemplateLiteral' ? node.quasis.map(({ raw }) => raw) : [];
}

/** The texts of a table's rows that become part of a name: a row that is a text, or the first column. */
function textsIn(node) {
  if (node?.type === 'TsAsExpression' || node?.type === 'TsConstAssertion') return textsIn(node.expression);
  if (node?.type !== 'ArrayExpression') return [];
  return node.elements.flatMap((element) => {
    const row = element?.expression;
    return textsOf(row?.type === 'ArrayExpression' ? row.elements[0]?.expression : row);
  });
}
