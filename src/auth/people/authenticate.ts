import { ok, type Result } from '../../base/errors.ts';
import type { AuthRoom } from '../room.ts';
import type { Account } from './accounts.ts';

/** `refused` has one wording (`words/`, page.refused) for a wrong name, password or code, an account that is disabled or rests: none tells of the others. */
export type SignIn = { account: Account } | { wait: number } | 'refused';

/**
 * Are this name and password right? The same statements and the same scrypt work run whether or not there is such an account (TH-12). The
 * try is counted first, and taken back when the password was right.
 */
export async function authenticate(
  given: { username: string; password: string; address: string | undefined },
  room: AuthRoom,
): Promise<Result<SignIn>> {
  const wait = await room.addressLimit.waits(given.address);
  if (wait !== undefined) return ok({ wait });
  const tried = await room.credentials.tryName(given.username);
  const right = await room.passwords.verify(given.password, tried?.password);
  if (!right.ok) return right;
  const account = tried && right.value ? await room.accounts.find(tried.accountId) : undefined;
  if (!account?.active) {
    await room.addressLimit.failed(given.address);
    return ok('refused');
  }
  await room.credentials.forgive(account.id);
  return ok({ account });
}
