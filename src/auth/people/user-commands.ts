import { fail, ok, type Result } from '../../base/errors.ts';
import type { Command, CommandInput } from '../../module.ts';
import { createGrants } from '../grants.ts';
import type { Directory } from '../launch-context/directory.ts';
import { type Account, type Accounts, createAccounts } from './accounts.ts';
import { activationProblem } from './activation.ts';
import { createCredentials } from './credentials.ts';
import { createEnrolments } from './enrolments.ts';
import { createProviders } from './providers.ts';
import { createSealing } from './sealing.ts';

interface Deps {
  publicUrl: string;
  directory: Directory;
  resourceTypes: ReadonlySet<string>;
  production: boolean;
}

/** `user add|list|disable|enable|reset|unlock|link|unlink|contact`: nobody gets a password from us, but a link with which to choose one. */
export function userCommands(deps: Deps): Command[] {
  return [
    addCommand(deps),
    listCommand(),
    onAccount('user disable', 'Ends an account: nobody signs in with it, its sessions and its apps’ access end.', {
      run: async (input, account, accounts) => {
        await accounts.setActive(account.id, false);
        const { resourceTypes } = deps;
        const grants = createGrants({ sql: input.store, clock: input.clock, standing: { forget() {} }, resourceTypes });
        for (const fhirUser of account.fhirUsers) await grants.revoke({ fhirUser });
        return ok(undefined);
      },
    }),
    onAccount('user enable', 'Lets an account that was ended be used again.', {
      run: async (_input, account, accounts) => {
        if (account.demo && deps.production) return fail('forbidden', 'A demo account is not used in production.');
        const problem = await activationProblem(account, { accounts, directory: deps.directory });
        if (problem) return fail('conflict', problem);
        await accounts.setActive(account.id, true);
        return ok(undefined);
      },
    }),
    onAccount('user reset', 'Removes password and second factor, ends the sessions, and prints a new one-time link.', {
      run: async (input, account) => {
        const sealing = createSealing(input.store);
        await createCredentials({ sql: input.store, clock: input.clock, sealing }).reset(account.id);
        return printLink(input, account, deps);
      },
    }),
    onAccount('user unlock', 'Lets an account that rests after too many wrong tries be used at once.', {
      run: async (_input, account, accounts) => {
        await accounts.unlock(account.id);
        return ok(undefined);
      },
    }),
    ...linkCommands(deps),
  ];
}

function addCommand(deps: Deps): Command {
  return {
    name: 'user add',
    administers: true,
    summary: 'Makes an account and prints the one-time link with which the person chooses a password.',
    takes: ['username'],
    options: {
      link: {
        kind: 'list',
        help: 'who the person is: Practitioner/…, Patient/…, Person/…, or RelatedPerson/… once for each child',
      },
      administrator: { kind: 'flag', help: 'may administer Careweave; needs a second factor' },
      contact: { kind: 'text', help: 'telephone or e-mail; a young person’s must not be a parent’s' },
    },
    run: async (input) => {
      const links = input.list('link');
      const missing = await missingLink(input, links);
      if (missing) return fail('not-found', missing);
      const contact = input.text('contact');
      const accounts = createAccounts({ sql: input.store, clock: input.clock });
      const added = await accounts.add({
        username: input.arguments.username ?? '',
        fhirUsers: links,
        administrator: input.flag('administrator'),
        ...(contact !== undefined && { contact }),
      });
      if (!added.ok) return added;
      const problem = await activationProblem(added.value, { accounts, directory: deps.directory });
      if (problem) input.progress(`The account is there, but its link will not work yet. ${problem}`);
      return printLink(input, added.value, deps);
    },
  };
}

function listCommand(): Command {
  return {
    name: 'user list',
    summary: 'Lists the accounts: name, state, second factor, links.',
    run: async (input) => {
      const accounts = createAccounts({ sql: input.store, clock: input.clock });
      const now = input.clock.now();
      for (const account of await accounts.list()) input.print(lineOf(account, now));
      return ok(undefined);
    },
  };
}

function lineOf(account: Account, now: Date): string {
  const rests = account.lockedUntil !== undefined && account.lockedUntil > now;
  const state = !account.active ? 'disabled' : !account.enrolled ? 'invited' : rests ? 'resting' : 'active';
  const factor = account.hasSecondFactor ? 'second factor' : 'password only';
  const links = [...account.fhirUsers, ...(account.administrator ? ['administrator'] : [])];
  return [account.username, state, factor, links.join(' ')].join('\t');
}

function linkCommands(deps: Deps): Command[] {
  return [
    onAccount('user link', 'Says who a person also is, or which subject of a hospital’s sign-on.', {
      options: {
        link: { kind: 'list', help: 'Practitioner/…, Patient/…, RelatedPerson/… or Person/…' },
        provider: { kind: 'text', help: 'the sign-on: see careweave provider list' },
        subject: { kind: 'text', help: 'the person there: the value of the claim that the provider is linked by' },
      },
      run: async (input, account, accounts) => {
        const missing = await missingLink(input, input.list('link'));
        if (missing) return fail('not-found', missing);
        for (const link of input.list('link')) {
          const linked = await accounts.link(account.id, link);
          if (!linked.ok) return linked;
        }
        const [provider, subject] = [input.text('provider'), input.text('subject')];
        if ((provider === undefined) !== (subject === undefined))
          return fail('invalid', '--provider and --subject go together.');
        if (provider === undefined || subject === undefined) return ok(undefined);
        const providers = createProviders({
          sql: input.store,
          clock: input.clock,
          sealing: createSealing(input.store),
        });
        const linked = await providers.link(provider, subject, account.id);
        return linked
          ? ok(undefined)
          : fail('conflict', 'There is no such provider, or the subject is linked already.');
      },
    }),
    onAccount('user unlink', 'Takes a link away; apps that were let in by it lose their access.', {
      options: { link: { kind: 'text', help: 'e.g. RelatedPerson/…', required: true } },
      run: async (input, account, accounts) => {
        const link = input.text('link') ?? '';
        if (!(await accounts.unlink(account.id, link)))
          return fail('not-found', 'The account does not have this link.');
        const { resourceTypes } = deps;
        const grants = createGrants({ sql: input.store, clock: input.clock, standing: { forget() {} }, resourceTypes });
        await grants.revoke({ fhirUser: link });
        return ok(undefined);
      },
    }),
    onAccount('user contact', 'Sets the telephone or e-mail of an account.', {
      options: { contact: { kind: 'text', help: 'telephone or e-mail', required: true } },
      run: async (input, account, accounts) => {
        const contact = input.text('contact') ?? '';
        const problem = await activationProblem({ ...account, contact }, { accounts, directory: deps.directory });
        if (problem) return fail('conflict', problem);
        await accounts.setContact(account.id, contact);
        return ok(undefined);
      },
    }),
  ];
}

/** A command about the account that its one argument names. */
function onAccount(
  name: string,
  summary: string,
  rest: {
    options?: NonNullable<Command['options']>;
    run(input: CommandInput, account: Account, accounts: Accounts): Promise<Result<void>>;
  },
): Command {
  return {
    name,
    summary,
    administers: true,
    takes: ['username'],
    ...(rest.options && { options: rest.options }),
    run: async (input) => {
      const accounts = createAccounts({ sql: input.store, clock: input.clock });
      const account = await accounts.named(input.arguments.username ?? '');
      return account
        ? rest.run(input, account, accounts)
        : fail('not-found', 'There is no such account: see careweave user list.');
    },
  };
}

async function missingLink({ store }: CommandInput, links: readonly string[]): Promise<string | undefined> {
  for (const link of links) {
    const [type = '', id = ''] = link.split('/');
    const stored = await store.read(type, id);
    if (!stored || stored.deleted) return `There is no ${type} with the id given in --link.`;
  }
  return undefined;
}

async function printLink(input: CommandInput, account: Account, { publicUrl }: Deps): Promise<Result<void>> {
  const token = await createEnrolments({ sql: input.store, clock: input.clock }).issue(account.id);
  const enrolment_link = `${publicUrl}/auth/enrol?token=${token}`;
  input.print(JSON.stringify({ username: account.username, enrolment_link }, null, 2));
  input.progress('Give this link to the person by a way only they read. It works once, for three days.');
  return ok(undefined);
}
