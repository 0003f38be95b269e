/**
 * What every npm script needs before it can run: Node 24 and the locked dependencies, then the built artifacts.
 * Plain JavaScript that Node 20 can run, because at first there may be nothing else.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules', '.careweave-install');
export const node24 = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** Ends the process with one sentence that says what is wrong and what to do. */
function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

export function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20)
    stop(
      `Careweave needs Node 20 or newer to set itself up, and this is ${process.versions.node}: install a newer Node and try again.`,
    );
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/** Runs `npm ci` when what is installed is not what the lockfile says. */
export function ensureInstalled() {
  const wanted = lockHash();
  if (existsSync(stamp) && existsSync(node24) && readFileSync(stamp, 'utf8') === wanted) return;
  process.stderr.write('Installing dependencies (once) …\n');
  const npm = process.env.npm_execpath;
  const [command, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  const done = spawnSync(command, [...first, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (done.status !== 0) stop('The dependencies could not be installed: see the npm messages above, then try again.');
  if (!existsSync(node24)) {
    const again = spawnSync(command, [...first, 'rebuild', 'node', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
    });
    if (again.status !== 0 || !existsSync(node24))
      stop('Node 24 could not be installed through npm: allow the install script of the package "node" and try again.');
  }
  writeFileSync(stamp, wanted);
}

/** What is built, from which files, by which command. Built again only when a source file changed. */
const artifacts = [
  {
    name: 'definitions',
    from: ['scripts/build-definitions.ts', 'scripts/definitions', 'src/fhir/search', 'package-lock.json'],
    run: ['scripts/build-definitions.ts'],
  },
  {
    name: 'measures',
    from: ['scripts/build-measures.ts', 'profiles/measures', 'src/measures', 'package-lock.json'],
    run: ['scripts/build-measures.ts'],
  },
  {
    name: 'web',
    from: ['src/web', 'src/fhir', 'vite.config.ts', 'package-lock.json'],
    run: ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'],
  },
];

export function ensureBuilt() {
  mkdirSync(join(root, 'build'), { recursive: true });
  for (const artifact of artifacts) {
    const mark = join(root, 'build', `.${artifact.name}`);
    const wanted = hashOf(artifact.from);
    if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) continue;
    process.stderr.write(`Building ${artifact.name} …\n`);
    const done = spawnSync(node24, artifact.run, { cwd: root, stdio: ['ignore', 2, 2] });
    if (done.status !== 0) stop(`Building ${artifact.name} failed: see the messages above.`);
    writeFileSync(mark, wanted);
  }
}

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) addTo(hash, path);
  return hash.digest('hex');
}

function addTo(hash, path) {
  const full = join(root, path);
  if (!existsSync(full)) return;
  if (statSync(full).isDirectory()) {
    for (const name of readdirSync(full).sort()) addTo(hash, join(path, name));
    return;
  }
  hash.update(path).update('\0').update(readFileSync(full)).update('\0');
}

/**
 * Hands over to Node 24: in place where this Node can replace itself, else as a child whose signals and exit code are ours.
 * The child also ends when we are killed, because it notices the closed channel.
 */
export async function runNode24(args) {
  const env = {
    ...process.env,
    PATH: `${dirname(node24)}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH ?? ''}`,
  };
  if (typeof process.execve === 'function') process.execve(node24, [node24, ...args], env);
  const { spawn } = await import('node:child_process');
  const child = spawn(node24, args, { cwd: process.cwd(), env, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}
