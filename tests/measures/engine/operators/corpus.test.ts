import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { operators } from '../../../../src/measures/engine/operators/operators.ts';
import { chapters } from './corpus.ts';
import type { Outcome } from './evaluate-corpus.ts';
import { knownDifferences } from './known-differences.ts';
import { elmOnly, operatorTable, refusedNodes } from './operator-table.ts';

const root = path.join(import.meta.dirname, '../../../..');
const outcomes = new Map<string, Outcome[]>();
const everyOutcome = () => [...outcomes.values()].flat();

// In a process of its own: the translator is several times as fast there as within a test.
beforeAll(async () => {
  const script = path.join(root, 'scripts/build-cql-operators.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--print'], { maxBuffer: 16 * 1024 * 1024 });
  const found: Record<string, Outcome[]> = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  for (const chapter of chapters) outcomes.set(chapter.name, found[chapter.name] ?? []);
}, 120_000);

describe.each(chapters.map(({ name }) => name))('%s', (name) => {
  test('every case gives what CQL says', () => {
    const found = outcomes.get(name) ?? [];
    const text = (value: (outcome: Outcome) => string) =>
      found.map((outcome) => `${outcome.entry.operator}: ${outcome.entry.cql} => ${value(outcome)}`);
    expect(found.length).toBeGreaterThan(15);
    expect(text(({ ours }) => ours)).toEqual(text(({ expected }) => expected));
  });

  test('every case exercises the operator it is listed under', () => {
    expect((outcomes.get(name) ?? []).filter(({ hasNode }) => !hasNode).map(({ entry }) => entry)).toEqual([]);
  });
});

test('cql-execution agrees, but for the differences that are explained', () => {
  const different = everyOutcome().filter(({ oracle, oursAlike }) => oracle !== oursAlike);
  const explained = knownDifferences.flatMap(({ gives }) => Object.entries(gives));
  expect(Object.fromEntries(different.map(({ entry, oracle }) => [entry.cql, oracle]))).toEqual(
    Object.fromEntries(explained),
  );
});

test('no case is asked twice, and no difference explained twice', () => {
  const cases = everyOutcome().map(({ entry }) => entry.cql);
  const explained = knownDifferences.flatMap(({ gives }) => Object.keys(gives));
  expect(cases.filter((cql, at) => cases.indexOf(cql) !== at)).toEqual([]);
  expect(explained.filter((cql, at) => explained.indexOf(cql) !== at)).toEqual([]);
});

test('every operator that can be compiled has its cases', () => {
  const listed = new Set([...everyOutcome().map(({ entry }) => entry.operator), ...elmOnly]);
  expect(Object.keys(operators).filter((name) => !listed.has(name))).toEqual([]);
  expect(refusedNodes.filter((name) => Object.hasOwn(operators, name))).toEqual([]);
});

test('docs/cql-operators.md is what the corpus says', () => {
  const page = readFileSync(path.join(root, 'docs/cql-operators.md'), 'utf8');
  expect(page).toBe(operatorTable(everyOutcome()));
});
