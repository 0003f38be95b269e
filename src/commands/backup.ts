import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createTrail } from '../access/audit/trail.ts';
import { verifyTrail } from '../access/audit/verify.ts';
import { endAllAccess } from '../auth/end-access.ts';
import { fail, ok, type Result } from '../base/errors.ts';
import type { Kept } from '../store/backup/contents.ts';
import { restoreBackup } from '../store/backup/restore.ts';
import { writeBackup } from '../store/backup/write-backup.ts';
import { livingOwner } from '../store/embedded/lock.ts';
import { sqlOver } from '../store/sql-over.ts';
import type { Sql } from '../store/types.ts';
import { type GroundCommand, type GroundDeps, type GroundInput, openedGround } from './ground.ts';

/** `backup`, `backup verify`, `restore`: see docs/operations.md. */
export function backupCommands(deps: GroundDeps): GroundCommand[] {
  const takes = ['file'];
  return [
    {
      name: 'backup',
      summary: 'Writes everything that the database holds into a new file, beside a running server or alone.',
      takes,
      run: (input) => backup(input, deps),
    },
    {
      name: 'backup verify',
      summary:
        'Restores a backup into a PostgreSQL made for that, holds it against the file, verifies its audit trail, and throws it away.',
      takes,
      run: (input) => verify(input, deps),
    },
    {
      name: 'restore',
      summary:
        'Fills an empty database (a new DATA_DIR, or a new one of DATABASE_URL) from a backup, whole or not at all.',
      takes,
      run: (input) => restore(input, deps),
    },
  ];
}

const fileOf = (input: GroundInput) => resolve(input.arguments.file ?? '');

const told = ({ made, ...counts }: Kept, more: object = {}) => JSON.stringify({ made, ...counts, ...more });

async function backup(input: GroundInput, deps: GroundDeps): Promise<Result<void>> {
  const database = await openedGround(deps, deps.config, true);
  if (!database.ok) return database;
  const { pool } = database.value;
  const recorded = await record(sqlOver(pool), deps, 'backup');
  if (!recorded.ok) return recorded;
  const written = await writeBackup(fileOf(input), { pool, clock: deps.clock, say: input.progress });
  if (!written.ok) return written;
  input.print(told(written.value));
  return ok(undefined);
}

async function restore(input: GroundInput, deps: GroundDeps): Promise<Result<void>> {
  const database = await openedGround(deps, deps.config, false);
  if (!database.ok) return database;
  const ended = { accesses: 0 };
  const restored = await restoreBackup(fileOf(input), {
    pool: database.value.pool,
    say: input.progress,
    check: async (sql) => {
      const holds = await trailHolds(sql);
      if (!holds.ok) return holds;
      ended.accesses = await endAllAccess(sql, deps.clock.now());
      return record(sql, deps, 'restore');
    },
  });
  if (!restored.ok) return restored;
  input.print(told(restored.value, { holds: true, endedAccesses: ended.accesses }));
  return ok(undefined);
}

const verifyPrefix = 'backup-verify-';

/** In a PostgreSQL of its own, in a folder of its own beside the data, which is gone afterwards. */
async function verify(input: GroundInput, deps: GroundDeps): Promise<Result<void>> {
  const { dataDir } = deps.config;
  mkdirSync(dataDir, { recursive: true });
  for (const name of readdirSync(dataDir)) {
    const left = join(dataDir, name);
    if (name.startsWith(verifyPrefix) && livingOwner(left) === undefined)
      rmSync(left, { recursive: true, force: true });
  }
  const own = mkdtempSync(join(dataDir, verifyPrefix));
  await deps.life.hold(Promise.resolve(ok(own)), async () => rmSync(own, { recursive: true, force: true }));
  const database = await openedGround(deps, { dataDir: own }, false);
  if (!database.ok) return database;
  const { pool } = database.value;
  const restored = await restoreBackup(fileOf(input), { pool, say: input.progress, check: trailHolds });
  if (!restored.ok) return restored;
  input.print(told(restored.value, { holds: true }));
  return ok(undefined);
}

/** As every command that reaches everything: in the trail before it is done. */
function record(sql: Sql, { clock, log }: GroundDeps, detail: string): Promise<Result<void>> {
  const trail = createTrail({ sql, clock, log, reads: 'durable' });
  return trail.record({ act: 'administration', outcome: 'success', who: { client: 'command-line' }, detail });
}

async function trailHolds(sql: Sql): Promise<Result<void>> {
  const { broken } = await verifyTrail(sql);
  if (!broken) return ok(undefined);
  return fail('conflict', `The audit trail of the backup does not hold at block ${broken.block}: ${broken.what}.`);
}
