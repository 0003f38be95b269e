import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';
import { fail, ok, type Result } from '../../base/errors.ts';

/** Root's PATH may lack the directories of system programs. */
const env = { PATH: '/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin' };

/** As whom the database programs run. PostgreSQL refuses to run as root, so root lends it an account of its own. */
export interface Account {
  /** Undefined: as ourselves. */
  user?: { uid: number; gid: number };
  /** The program and arguments that start `program` under this account. */
  command(program: string, args: readonly string[]): { file: string; args: string[]; uid?: number; gid?: number };
  /** Gives a path to the account. */
  own(path: string): void;
}

const asOurselves: Account = { command: (program, args) => ({ file: program, args: [...args] }), own: () => {} };

function lookUp(name: string): { uid: number; gid: number } | undefined {
  const ids = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { env, encoding: 'utf8' }));
  const [uid, gid] = ids.map((found) => (found.status === 0 ? Number(found.stdout.trim()) : Number.NaN));
  return uid !== undefined && gid !== undefined && uid > 0 && gid >= 0 ? { uid, gid } : undefined;
}

function postgresUser(): Result<{ uid: number; gid: number }> {
  const known = lookUp('postgres');
  if (known) return ok(known);
  const options = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin'];
  spawnSync('useradd', [...options, 'postgres'], { env });
  const made = lookUp('postgres');
  if (made) return ok(made);
  return fail(
    'invalid',
    'PostgreSQL does not run as root and the system user "postgres" could not be created: start Careweave as an ordinary user, or set DATABASE_URL.',
  );
}

/** True when the account can enter the directories and run the programs. */
function reaches(account: Account, paths: readonly string[]): boolean {
  return paths.every((path) => {
    const { file, args, ...identity } = account.command('test', ['-x', path]);
    return spawnSync(file, args, { ...identity, env, cwd: '/' }).status === 0;
  });
}

/**
 * Chooses the account. `reach` are paths that the database must be able to get to; when a clone lies under a private directory
 * (/root), the account gets the one capability that lets it pass through, and no other.
 */
export function chooseAccount(reach: readonly string[]): Result<Account> {
  if (process.getuid?.() !== 0) return ok(asOurselves);
  const found = postgresUser();
  if (!found.ok) return found;
  const user = found.value;
  const own = (path: string) => chownSync(path, user.uid, user.gid);
  const plain: Account = { user, own, command: (program, args) => ({ file: program, args: [...args], ...user }) };
  if (reaches(plain, reach)) return ok(plain);

  const flags = [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', '--no-new-privs'];
  // Without the secure bit the system answers PostgreSQL's own look at its programs as if it had no capability.
  flags.push('--securebits=+no_setuid_fixup', '--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search');
  const lent: Account = {
    user,
    own,
    command: (program, args) => ({ file: 'setpriv', args: [...flags, program, ...args] }),
  };
  if (reaches(lent, reach)) return ok(lent);
  return fail(
    'invalid',
    'PostgreSQL runs as the user "postgres", who cannot enter this directory: move the clone to a directory others may enter, install setpriv (util-linux), or set DATABASE_URL.',
  );
}
