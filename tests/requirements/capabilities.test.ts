import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');
// In pieces, so that the page of this repository does not find these numbers here.
const [one = '', two = '', unknown = ''] = [1, 2, 99].map((number) => ['S0', number].join('.'));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'careweave-capabilities-'));
  for (const name of ['docs', 'tests']) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(...words: string[]) {
  const script = join(root, 'scripts', 'capabilities.mjs');
  const done = spawnSync(process.execPath, [script, ...words, join(folder, 'docs'), join(folder, 'tests')], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status: done.status, said: done.stdout };
}

function given(tests: string, missing?: string) {
  const row = { seed: 'Seed', capability: 'Something', check: 'It works' };
  const rows = [
    { id: one, ...row, ...(missing && { missing }) },
    { id: two, ...row },
  ];
  writeFileSync(join(folder, 'docs', 'capabilities.json'), JSON.stringify(rows));
  writeFileSync(join(folder, 'tests', 'some.test.ts'), tests);
}

function page() {
  return readFileSync(join(folder, 'docs', 'capabilities.md'), 'utf8');
}

describe('the page of the capabilities', () => {
  test('cannot be written when a test names a row that there is not', () => {
    given(`test('${unknown} works', () => {});`);
    expect(run()).toMatchObject({ status: 1, said: expect.stringContaining(`names ${unknown}`) });
  });

  test('fails its check when it is not there, and when a test came since it was written', () => {
    given(`test('${one} works', () => {});`);
    expect(run('--check').status).toBe(1);
    expect(run().status).toBe(0);
    expect(run('--check')).toEqual({ status: 0, said: '' });
    given(`test('${one} and ${two} work', () => {});`);
    expect(run('--check')).toMatchObject({ status: 1, said: expect.stringContaining('not up to date') });
  });

  test('calls a row open that only a comment or a skipped test names', () => {
    given(`// ${one}\ntest.skip('${one}', () => {});`);
    run();
    expect(page()).toContain('**0 built, 0 partly, 2 open** of 2.');
  });

  test('calls a row partly built when something is noted as missing, and says what', () => {
    given(`test('${one} works', () => {});`, 'the screen');
    run();
    expect(page()).toContain('**0 built, 1 partly, 1 open** of 2.');
    expect(page()).toContain('partly: the screen');
  });
});
