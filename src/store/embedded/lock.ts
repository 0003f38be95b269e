import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail, ok, type Result } from '../../base/errors.ts';
import { errorCode } from '../error-code.ts';
import { isAlive, startTime } from './process.ts';

interface Owner {
  pid: number;
  started: string;
}

/** Held while this process owns a data directory. */
export interface DirectoryLock {
  release(): void;
}

const lockPath = (dataDir: string) => path.join(dataDir, 'careweave.lock');

function readOwner(file: string): Owner | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    if (!('pid' in value) || typeof value.pid !== 'number') return undefined;
    return { pid: value.pid, started: 'started' in value && typeof value.started === 'string' ? value.started : '' };
  } catch {
    return undefined;
  }
}

const lives = (owner: Owner | undefined): owner is Owner =>
  owner !== undefined && isAlive(owner.pid) && (owner.started === '' || owner.started === startTime(owner.pid));

/** The process id of the living Careweave that owns the directory, if there is one. */
export function livingOwner(dataDir: string): number | undefined {
  const owner = readOwner(lockPath(dataDir));
  return lives(owner) ? owner.pid : undefined;
}

const inUse = (dataDir: string, pid: number) =>
  fail(
    'conflict',
    `The data directory ${dataDir} is in use by another Careweave (process ${pid}): stop it, or set DATA_DIR to another.`,
  );

/** Creates the lock whole or not at all: the text is complete before the name exists. */
function tryCreate(file: string): boolean {
  const draft = `${file}.${process.pid}`;
  const owner: Owner = { pid: process.pid, started: startTime(process.pid) };
  writeFileSync(draft, JSON.stringify(owner));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Takes the directory for this process. A lock whose owner is dead is taken over; a living owner is a `conflict`. */
export function lockDirectory(dataDir: string): Result<DirectoryLock> {
  const file = lockPath(dataDir);
  for (let attempt = 0; attempt < 3; attempt++) {
    if (tryCreate(file)) return ok({ release: () => rmSync(file, { force: true }) });
    const owner = readOwner(file);
    if (lives(owner)) return inUse(dataDir, owner.pid);
    // Moved aside before it is dropped: if another starter took over in between, its lock is put back.
    const aside = `${file}.stale-${process.pid}`;
    try {
      renameSync(file, aside);
    } catch {
      continue;
    }
    const moved = readOwner(aside);
    if (lives(moved)) {
      renameSync(aside, file);
      return inUse(dataDir, moved.pid);
    }
    rmSync(aside, { force: true });
  }
  return fail('conflict', `The data directory ${dataDir} is being taken by another Careweave: try again.`);
}
