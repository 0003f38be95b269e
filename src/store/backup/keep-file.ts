import { existsSync } from 'node:fs';
import { link, rm } from 'node:fs/promises';
import { fail, ok, type Result } from '../../base/errors.ts';
import { errorCode } from '../error-code.ts';

const isThere = () => fail('conflict', 'There is a file of that name: a backup never writes over another one.');

/**
 * Writes a file under another name beside it first, and gives it its own name once it is complete: what has that name is whole. Errors:
 * `conflict`, the name is taken; `invalid`, the folder cannot be written.
 */
export async function keepUnderName(file: string, write: (part: string) => Promise<void>): Promise<Result<void>> {
  if (existsSync(file)) return isThere();
  const part = `${file}.${process.pid}.part`;
  try {
    await write(part);
    // Unlike a renaming it does not take the place of a file that came meanwhile.
    await link(part, file);
    return ok(undefined);
  } catch (cause) {
    const code = errorCode(cause);
    if (code === 'EEXIST') return isThere();
    if (['ENOENT', 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EISDIR'].includes(code ?? ''))
      return fail('invalid', `The file cannot be written there (${code}): choose another place.`, { cause });
    throw cause;
  } finally {
    await rm(part, { force: true });
  }
}
