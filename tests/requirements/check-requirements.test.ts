import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'careweave-requirements-'));
  for (const name of ['tables', 'tests']) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What the check says of one table and one file of tests. In pieces, so that it does not find these ids in this file. */
function check(rows: readonly string[], tests: string) {
  const table = ['| id | in our words | state |', '|---|---|---|', ...rows.map((row) => `| ${row} |`)];
  writeFileSync(join(folder, 'tables', 'some.md'), table.join('\n'));
  writeFileSync(join(folder, 'tests', 'some.test.ts'), tests);
  const script = join(root, 'scripts', 'check-requirements.mjs');
  const done = spawnSync(process.execPath, [script, join(folder, 'tables'), join(folder, 'tests')], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status: done.status, said: done.stdout };
}

const one = ['SC', '001'].join('-');
const two = ['SC', '002'].join('-');

describe('the check of the requirements fails when', () => {
  test.each([
    ['an id is done and no test names it', [`${one} | x | done`], "test('x', () => {});", `${one} is done`],
    ['only a comment names it', [`${one} | x | done`], `// ${one}\ntest('x', () => {});`, `${one} is done`],
    ['only a skipped test names it', [`${one} | x | done`], `test.skip('${one}', () => {});`, `${one} is done`],
    ['a later column of a row names it', [`${one} | x | done`], `test.each([['a', '${one}']])('%s', f);`, 'is done'],
    ['a test names an id of no table', [`${one} | x | open`], `test('${two}', () => {});`, `names ${two}`],
    ['a state is no state', [`${one} | x | finished`], '', 'the state of'],
    ['an id is there twice', [`${one} | x | open`, `${one} | y | open`], '', 'twice'],
    ['a row has no state', [`${one} | x`], '', 'cannot be read'],
    ['there is no row', [], '', 'no requirement'],
  ])('%s', (_name, rows, tests, problem) => {
    const { status, said } = check(rows, tests);
    expect([status, said]).toEqual([1, expect.stringContaining(problem)]);
  });
});

describe('the check of the requirements passes when', () => {
  test.each([
    ['a test names the id', `test('${one}: x', () => {});`],
    ['a describe does', `describe(\`about (${one})\`, () => {});`],
    ['the name of an each does', `test.each([1])('${one} %s', () => {});`],
    ['the first column of an each does', `describe.each([['${one} x', 1]])('%s', () => {});`],
    ['a list of texts does', `test.each(['${one} x'] as const)('%s', () => {});`],
  ])('%s', (_name, tests) => {
    expect(check([`${one} | x | done`, `${two} | y | partly`], tests)).toEqual({ status: 0, said: '' });
  });
});
