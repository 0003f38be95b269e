import { existsSync, readFileSync } from 'node:fs';
import { isLoopbackHost } from '../../base/addresses.ts';
import { fail, ok } from '../../base/errors.ts';
import type { Command, CommandInput } from '../../module.ts';
import { createProviders } from './providers.ts';
import { createSealing } from './sealing.ts';

/** `provider add|list|disable`: hospitals' own sign-ons. */
export function providerCommands({ publicUrl }: { publicUrl: string }): Command[] {
  const providers = ({ store, clock }: CommandInput) =>
    createProviders({ sql: store, clock, sealing: createSealing(store) });
  return [
    {
      name: 'provider add',
      administers: true,
      summary:
        'Lets people sign in with an organization’s own sign-on (OpenID Connect), once their accounts are linked.',
      takes: ['id'],
      options: {
        name: { kind: 'text', help: 'as the sign-in page shows it', required: true },
        issuer: { kind: 'text', help: 'its issuer URL', required: true },
        'client-id': { kind: 'text', help: 'what Careweave is called there', required: true },
        'client-secret-file': {
          kind: 'text',
          help: 'a file with the client secret; without it private_key_jwt with our published keys',
        },
        claim: { kind: 'text', help: 'the claim by which accounts are linked; sub otherwise' },
      },
      run: async (input) => {
        const id = input.arguments.id ?? '';
        const issuer = input.text('issuer') ?? '';
        if (!/^[a-z0-9-]{1,40}$/.test(id)) return fail('invalid', 'The id is letters, digits and hyphens.');
        if (!isSafe(issuer)) return fail('invalid', 'The issuer must be an https URL (http only on this machine).');
        const file = input.text('client-secret-file');
        if (file !== undefined && !existsSync(file))
          return fail('not-found', 'The file given with --client-secret-file does not exist.');
        await providers(input).put({
          id,
          name: input.text('name') ?? id,
          issuer,
          clientId: input.text('client-id') ?? '',
          claim: input.text('claim') ?? 'sub',
          active: true,
          ...(file !== undefined && { clientSecret: readFileSync(file, 'utf8').trim() }),
        });
        const redirect_uri = `${publicUrl}/auth/upstream/callback`;
        input.print(JSON.stringify({ id, redirect_uri, jwks_uri: `${publicUrl}/.well-known/jwks.json` }, null, 2));
        return ok(undefined);
      },
    },
    {
      name: 'provider list',
      summary: 'Lists the sign-ons of organizations.',
      run: async (input) => {
        for (const one of await providers(input).list())
          input.print([one.id, one.active ? 'active' : 'disabled', one.name, one.issuer, one.claim].join('\t'));
        return ok(undefined);
      },
    },
    {
      name: 'provider disable',
      administers: true,
      summary: 'Ends signing in with an organization’s own sign-on.',
      takes: ['id'],
      run: async (input) => {
        const ended = await providers(input).setActive(input.arguments.id ?? '', false);
        return ended ? ok(undefined) : fail('not-found', 'There is no such provider: see careweave provider list.');
      },
    },
  ];
}

function isSafe(issuer: string): boolean {
  if (!URL.canParse(issuer)) return false;
  const { protocol, hostname, username, search, hash } = new URL(issuer);
  const plain = username === '' && search === '' && hash === '';
  return plain && (protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname)));
}
