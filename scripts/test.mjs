/**
 * `npm test`: installs and builds what is missing, then every check (types, lint, rings, dead code, size, requirements, capabilities) and every test.
 * Ends with one line `N passed, N failed`, where each check counts as one.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { node24, prepare, root } from './setup.mjs';

prepare();

/** A run that hangs ends some time, as a failure. */
const longestTestMs = 30 * 60_000;

const bin = (name) => join(root, 'node_modules', '.bin', name);
const env = { ...process.env, PATH: `${dirname(node24)}:${process.env.PATH ?? ''}` };
const checks = [
  { name: 'types', command: bin('tsc'), args: ['--noEmit'] },
  { name: 'lint', command: bin('biome'), args: ['check', 'src', 'tests', 'scripts', 'fixtures'] },
  { name: 'rings', command: node24, args: [bin('depcruise'), 'src', '--config', '.dependency-cruiser.mjs'] },
  { name: 'dead code', command: node24, args: [bin('knip')] },
  { name: 'size', command: node24, args: ['scripts/check-size.mjs'] },
  { name: 'requirements', command: node24, args: ['scripts/check-requirements.mjs'] },
  { name: 'capabilities', command: node24, args: ['scripts/capabilities.mjs', '--check'] },
];

let passed = 0;
let failed = 0;
for (const check of checks) {
  const done = spawnSync(check.command, check.args, { cwd: root, env, encoding: 'utf8' });
  const good = done.status === 0;
  process.stdout.write(`${good ? 'ok    ' : 'FAILED'} ${check.name}\n`);
  if (good) passed += 1;
  else {
    failed += 1;
    process.stdout.write(`${done.stdout ?? ''}${done.stderr ?? ''}${done.error ? `${done.error.message}\n` : ''}`);
  }
}

const report = join(root, 'build', 'jest.json');
rmSync(report, { force: true });
const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  '--json',
  `--outputFile=${report}`,
];
const run = spawnSync(node24, [...jest, ...process.argv.slice(2)], {
  cwd: root,
  env,
  stdio: ['ignore', 2, 2],
  timeout: longestTestMs,
  killSignal: 'SIGTERM',
});
const tests = readReport();
passed += tests.numPassedTests;
failed += tests.numFailedTests + tests.numRuntimeErrorTestSuites;
const skipped = tests.numPendingTests + tests.numTodoTests;
// What the report does not say is a failure too: no test at all, a run that broke off, a set-up or tear-down that failed.
const said = tests.numFailedTests + tests.numRuntimeErrorTestSuites > 0;
const ranNone = tests.numPassedTests + tests.numFailedTests === 0;
if (!said && (ranNone || run.status !== 0)) {
  failed += 1;
  const why = ranNone ? 'no test was run' : `Jest ended with ${run.signal ?? run.status} though no test failed`;
  process.stdout.write(`FAILED tests: ${why}\n`);
}
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exit(failed === 0 ? 0 : 1);

/** What Jest says of its run; zeros when it wrote nothing that can be read. */
function readReport() {
  const none = {
    numPassedTests: 0,
    numFailedTests: 0,
    numRuntimeErrorTestSuites: 0,
    numPendingTests: 0,
    numTodoTests: 0,
  };
  try {
    return { ...none, ...JSON.parse(readFileSync(report, 'utf8')) };
  } catch {
    return none;
  }
}
