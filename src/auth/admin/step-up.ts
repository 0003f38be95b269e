import { fail, ok, type Result } from '../../base/errors.ts';
import type { AuthRoom } from '../room.ts';

/** The header with a code of an authenticator app, or a recovery code. */
export const codeHeader = 'x-second-factor';

/**
 * TH-66: a person who changes something proves anew who they are, with a code that is good once: a token that was taken from them changes
 * nothing. Each try counts at the account, as a sign-in does. A machine has proved itself with its key when it got its token, minutes ago.
 * Answers the account; none for a machine. Error `unauthorized`: how to ask again.
 */
export async function steppedUp(
  fhirUser: string | undefined,
  code: string | undefined,
  { accounts, credentials }: Pick<AuthRoom, 'accounts' | 'credentials'>,
): Promise<Result<{ accountId?: string }>> {
  if (fhirUser === undefined) return ok({});
  const account = await accounts.ofPerson(fhirUser);
  if (!account?.active || !account.hasSecondFactor)
    return fail('unauthorized', 'Whoever changes something here needs an account of this server with a second factor.');
  if (code === undefined || code.length > 40)
    return fail(
      'unauthorized',
      'Send a code of your authenticator app, a new one each time: in the header X-Second-Factor, or as the parameter second-factor of an operation.',
    );
  if (!(await credentials.tryAccount(account.id)) || !(await credentials.acceptCode(account.id, code)))
    return fail('unauthorized', 'This code is wrong, was used before, or the account rests after wrong tries.');
  await credentials.forgive(account.id);
  return ok({ accountId: account.id });
}
