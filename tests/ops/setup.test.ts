import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

/** The set-up of a checkout. Its scripts are run as they are, in processes of their own: they end the process they run in. */
const scripts = join(import.meta.dirname, '..', '..', 'scripts');
const script = (name: string) => JSON.stringify(pathToFileURL(join(scripts, name)).href);
let base: string;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'careweave-setup-'));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

function evaluate(code: string): string {
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
  return done.stdout;
}

describe('the Node that sets up', () => {
  const problem = (version: string) =>
    evaluate(`import { nodeProblem } from ${script('setup.mjs')};
      process.stdout.write(String(nodeProblem(${JSON.stringify(version)})));`);

  test.each(['0.12.18', '8.17.0', '18.20.4', '19.9.0'])('%s is too old, which is one sentence', (version) => {
    expect(problem(version)).toBe(
      `Careweave needs Node 20 or newer to set itself up, and this is ${version}: install a newer Node and try again.`,
    );
  });

  test.each(['20.0.0', '22.18.0', '24.1.0', '100.0.0'])('%s will do', (version) => {
    expect(problem(version)).toBe('undefined');
  });
});

describe("PostgreSQL's libraries (TH-49: its own script is not run)", () => {
  const folder = () => join(base, 'postgres');
  const link = (list: unknown) => {
    mkdirSync(join(folder(), 'native', 'lib'), { recursive: true });
    writeFileSync(join(folder(), 'native', 'lib', 'libpq.so.5.18'), 'library');
    writeFileSync(join(folder(), 'native', 'pg-symlinks.json'), JSON.stringify(list));
    evaluate(`import { linkLibraries } from ${script('setup.mjs')}; linkLibraries(${JSON.stringify(folder())});`);
  };

  test('get the other names they go by, once and again', () => {
    const list = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
    for (const _ of [1, 2]) {
      link(list);
      expect(readlinkSync(join(folder(), 'native', 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18');
      expect(readFileSync(join(folder(), 'native', 'lib', 'libpq.so.5'), 'utf8')).toBe('library');
    }
  });

  test.each([
    { source: 'native/lib/libpq.so.5.18', target: '../libpq.so' },
    { source: '../../secret', target: 'native/lib/libpq.so' },
    { source: 'native/lib/libpq.so.5.18', target: 'native/../package.json' },
  ])('a list that names something elsewhere is refused: %j', (entry) => {
    expect(() => link([entry])).toThrow('names a file elsewhere');
  });

  test('a package without a list needs none', () => {
    evaluate(`import { linkLibraries } from ${script('setup.mjs')}; linkLibraries(${JSON.stringify(base)});`);
  });
});

describe('one set-up at a time', () => {
  const lock = () => join(base, 'lock');
  const take = (work: string) => `import { withSetupLock } from ${script('setup-lock.mjs')};
    import { appendFileSync, readFileSync } from 'node:fs';
    withSetupLock(${JSON.stringify(lock())}, () => { ${work} });`;

  test('the lock of a process that was killed is taken over, and given back also after a fault', () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(lock(), String(dead));
    expect(evaluate(take("process.stdout.write('done')"))).toBe('done');
    expect(existsSync(lock())).toBe(false);
    expect(() => evaluate(take("throw new Error('broken off')"))).toThrow('broken off');
    expect(existsSync(lock())).toBe(false);
  });

  test('whoever comes second waits and says so', async () => {
    const order = join(base, 'order');
    const note = (word: string) => `appendFileSync(${JSON.stringify(order)}, ${JSON.stringify(`${word}\n`)});`;
    const start = (work: string) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', take(work)], {
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      const says = (stream: NodeJS.ReadableStream) =>
        new Promise<string>((resolve) => stream.once('data', (chunk: Buffer) => resolve(chunk.toString('utf8'))));
      const ended = new Promise((resolve) => child.once('close', resolve));
      return { child, out: says(child.stdout), err: says(child.stderr), ended };
    };
    // It holds the lock until its standard input ends.
    const first = start(`${note('first begins')} process.stdout.write('held'); readFileSync(0); ${note('first ends')}`);
    expect(await first.out).toBe('held');
    const second = start(note('second'));
    expect(await second.err).toBe(`Waiting for the set-up that process ${first.child.pid} is doing here …\n`);
    first.child.stdin.end();
    expect([await first.ended, await second.ended]).toEqual([0, 0]);
    expect(readFileSync(order, 'utf8')).toBe('first begins\nfirst ends\nsecond\n');
  });
});
