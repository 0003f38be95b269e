import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fail, ok, type Result } from '../../base/errors.ts';
import { errorCode } from '../error-code.ts';
import type { Account } from './account.ts';

/** A unix socket path may have 107 bytes; PostgreSQL adds `/.s.PGSQL.5432`. */
const longestDirectoryBytes = 90;

/** Makes the directory of the socket: private to the account, inside the data directory when its path is short enough. */
export function socketDirectory(dataDir: string, account: Account): Result<string> {
  const inside = path.join(dataDir, 'socket');
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  const directory =
    Buffer.byteLength(inside) <= longestDirectoryBytes ? inside : path.join(os.tmpdir(), `careweave-${name}`);
  const owner = account.user?.uid ?? process.getuid?.();
  try {
    mkdirSync(directory, { mode: 0o700 });
    account.own(directory);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  // In a shared temporary directory anyone could have made this name first.
  const found = lstatSync(directory);
  if (!found.isDirectory() || found.uid !== owner || (found.mode & 0o077) !== 0) {
    return fail('invalid', `The directory ${directory} belongs to someone else or is open to others: remove it.`);
  }
  return ok(directory);
}
