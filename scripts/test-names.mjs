import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';

/** Paths of the files below a folder whose path matches, in order. */
export function filesIn(folder, pattern) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * What the file calls its tests: first arguments of test and describe, and the texts in the rows of an `each`. Skipped ones prove nothing.
 * A file in which the pattern is nowhere is not parsed.
 */
export function testNames(path, pattern) {
  const text = readFileSync(path, 'utf8');
  if (text.search(pattern) < 0) return [];
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
