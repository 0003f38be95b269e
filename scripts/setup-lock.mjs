/** One set-up of a checkout at a time: two `npm ci` on top of each other leave neither whole. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

const pollMs = 200;

/**
 * Runs `work` while this process holds the lock file, waiting for another living process that holds it. The file names its owner, so that the
 * lock of a process that was killed is taken over.
 */
export function withSetupLock(file, work) {
  let told = false;
  while (!tryTake(file)) {
    const owner = ownerOf(file);
    if (owner === undefined) continue;
    if (!isAlive(owner)) {
      dropStale(file, owner);
      continue;
    }
    if (!told) process.stderr.write(`Waiting for the set-up that process ${owner} is doing here …\n`);
    told = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pollMs);
  }
  try {
    return work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** The text is complete before the name exists. */
function tryTake(file) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, String(process.pid));
  try {
    linkSync(draft, file);
    return true;
  } catch (fault) {
    if (fault.code === 'EEXIST') return false;
    throw fault;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Moved aside before it is dropped: if another process took over in between, its lock is put back. */
function dropStale(file, dead) {
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
    if (ownerOf(aside) !== dead) linkSync(aside, file);
  } catch (fault) {
    if (fault.code !== 'ENOENT' && fault.code !== 'EEXIST') throw fault;
  } finally {
    rmSync(aside, { force: true });
  }
}

function ownerOf(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch (fault) {
    if (fault.code === 'ENOENT') return undefined;
    throw fault;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (fault) {
    return fault.code === 'EPERM';
  }
}
