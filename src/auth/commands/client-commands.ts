import { fail, ok } from '../../base/errors.ts';
import type { Command, CommandInput } from '../../module.ts';
import { clientView } from '../admin/views.ts';
import { createClientSecrets } from '../client-secrets.ts';
import { createClients } from '../clients.ts';

const unknown = fail('not-found', 'There is no such client: see careweave client list.');

/** `client list`, `show`, `deactivate` and `secret rotate`. */
export function clientCommands(deps: { resourceTypes: ReadonlySet<string> }): Command[] {
  const clients = (input: CommandInput) =>
    createClients({ sql: input.store, clock: input.clock, resourceTypes: deps.resourceTypes });
  const named = (input: CommandInput) => clients(input).find(input.arguments.client_id ?? '');
  return [
    {
      name: 'client list',
      summary: 'Lists the registered clients.',
      run: async (input) => {
        for (const { id, active, type, name, scopes } of await clients(input).list())
          input.print([id, active ? 'active' : 'inactive', type, name, scopes].join('\t'));
        return ok(undefined);
      },
    },
    {
      name: 'client show',
      summary: 'Prints what is registered of a client, as JSON.',
      takes: ['client_id'],
      run: async (input) => {
        const client = await named(input);
        if (!client) return unknown;
        input.print(JSON.stringify(clientView(client), null, 2));
        return ok(undefined);
      },
    },
    {
      name: 'client deactivate',
      administers: true,
      summary: 'Ends a client and every token of it.',
      takes: ['client_id'],
      run: async (input) => {
        const ended = await clients(input).deactivate(input.arguments.client_id ?? '');
        return ended ? ok(undefined) : unknown;
      },
    },
    {
      name: 'client secret rotate',
      administers: true,
      summary:
        'Makes a new secret for a symmetric client and prints it, this once. The one before stays good until the next.',
      takes: ['client_id'],
      options: { alone: { kind: 'flag', help: 'ends the one before at once' } },
      run: async (input) => {
        const client = await named(input);
        if (!client) return unknown;
        if (client.type !== 'symmetric') return fail('invalid', 'This client has no secret: it is not symmetric.');
        const secrets = createClientSecrets({ sql: input.store, clock: input.clock });
        const secret = await secrets.add(client.id, { alone: input.flag('alone') });
        input.print(JSON.stringify({ client_id: client.id, client_secret: secret }, null, 2));
        return ok(undefined);
      },
    },
  ];
}
