import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const script = path.join(import.meta.dirname, '../../scripts/build-measures.ts');
let dir = '';
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'careweave-measures-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function build(measures: Record<string, string>) {
  for (const [name, cql] of Object.entries(measures)) {
    mkdirSync(path.join(dir, 'profiles', name), { recursive: true });
    writeFileSync(path.join(dir, 'profiles', name, 'logic.cql'), cql);
  }
  const run = spawnSync(process.execPath, [script, path.join(dir, 'profiles'), path.join(dir, 'build')], {
    encoding: 'utf8',
  });
  return { status: run.status, stderr: run.stderr };
}
const output = (name: string) => path.join(dir, 'build', `${name}.json`);

const good = `library Good version '1.0.0'
using FHIR version '4.0.1'
context Patient
define "Initial Population": exists [Immunization]
`;

test('an unknown name fails the build with file, line and column, and leaves no ELM', () => {
  const run = build({ broken: good.replace('exists [Immunization]', 'exists [Immunisation]'), good });
  expect(run.status).toBe(1);
  expect(run.stderr).toMatch(/broken\/logic\.cql:4:\d+: error: .*Immunisation/);
  expect(existsSync(output('broken'))).toBe(false);
  expect(existsSync(output('good'))).toBe(true);
});

test('broken syntax and a type error fail the build', () => {
  const syntax = build({ syntax: `${good}define "Numerator" exists [Encounter]\n` });
  expect(syntax.status).toBe(1);
  expect(syntax.stderr).toMatch(/syntax\/logic\.cql:5:\d+: error: /);
  const type = build({ type: `${good}define "Numerator": 1 + 'one'\n` });
  expect(type.status).toBe(1);
  expect(type.stderr).toMatch(/type\/logic\.cql:5:\d+: error: /);
});

test('an error that comes after a good build leaves the old ELM but fails', () => {
  expect(build({ one: good }).status).toBe(0);
  expect(build({ one: `${good}define Broken: Nowhere\n` }).status).toBe(1);
  // Still failing: the failure itself is not taken for up to date.
  expect(build({}).status).toBe(1);
});

test('the same source gives the same bytes, and an up-to-date output is left alone', () => {
  expect(build({ one: good })).toEqual({ status: 0, stderr: '' });
  const first = readFileSync(output('one'), 'utf8');
  const { mtimeMs } = statSync(output('one'));
  build({});
  expect(statSync(output('one')).mtimeMs).toBe(mtimeMs);
  rmSync(output('one'));
  build({});
  expect(readFileSync(output('one'), 'utf8')).toBe(first);
  const changed = build({ one: good.replace('Immunization', 'Encounter') });
  expect(changed.status).toBe(0);
  expect(readFileSync(output('one'), 'utf8')).not.toBe(first);
});

function library(name: string, cql: string) {
  mkdirSync(path.join(dir, 'profiles/libraries'), { recursive: true });
  writeFileSync(path.join(dir, 'profiles/libraries', `${name}.cql`), cql);
}
const shared = `library Shared version '1.0.0'
using FHIR version '4.0.1'
context Patient
define "Doses": [Immunization]
`;
const including = `library Measure version '1.0.0'
using FHIR version '4.0.1'
include Shared version '1.0.0' called Shared
context Patient
define "Initial Population": exists Shared."Doses"
`;

test('an included library that is missing, or of another version, fails the build at its include', () => {
  const missing = build({ one: including });
  expect(missing.status).toBe(1);
  expect(missing.stderr).toMatch(/one\/logic\.cql:3:\d+: error: .*Shared/);
  library('Shared', shared.replace('1.0.0', '2.0.0'));
  const other = build({});
  expect(other.status).toBe(1);
  expect(other.stderr).toMatch(/one\/logic\.cql:3:\d+: error: /);
  expect(existsSync(output('one'))).toBe(false);
});

test('an error in a library is told of the library, and fails every measure that includes it', () => {
  library('Shared', shared.replace('[Immunization]', '[Immunisation]'));
  const run = build({ one: including, good });
  expect(run.status).toBe(1);
  expect(run.stderr).toMatch(/libraries\/Shared\.cql:4:\d+: error: .*Immunisation/);
  expect(existsSync(output('one'))).toBe(false);
  expect(existsSync(output('good'))).toBe(true);
});

test('the output holds the ELM of what is included, through other libraries too, and follows their changes', () => {
  const through = including.replace('library Measure', 'library Through').replace('"Initial Population"', '"Reached"');
  library('Shared', shared);
  library('Through', through);
  const measure = including
    .replace(/Shared/g, 'Through')
    .replace('"Doses"', '"Reached"')
    .replace('exists ', '');
  expect(build({ one: measure })).toEqual({ status: 0, stderr: '' });
  const first = JSON.parse(readFileSync(output('one'), 'utf8'));
  const names = first.libraries.map((each: { library: { identifier: { id: string } } }) => each.library.identifier.id);
  expect(names).toEqual(['Shared', 'Through']);
  library('Shared', shared.replace('Immunization', 'Encounter'));
  expect(build({}).status).toBe(0);
  const second = JSON.parse(readFileSync(output('one'), 'utf8'));
  expect(second.sourceHash).not.toBe(first.sourceHash);
  expect(JSON.stringify(second.libraries)).toContain('{http://hl7.org/fhir}Encounter');
});
