import { fail, ok } from '../../base/errors.ts';
import type { Command, CommandInput } from '../../module.ts';
import { createGrants, type GrantFilter } from '../grants.ts';

const options = {
  user: { kind: 'text', help: 'of this person, e.g. RelatedPerson/123' },
  patient: { kind: 'text', help: 'about this child: the id of the Patient' },
  client: { kind: 'text', help: 'of this client_id' },
} as const;

/** `grant list` and `grant revoke`: what people have allowed apps. */
export function grantCommands(deps: { resourceTypes: ReadonlySet<string> }): Command[] {
  // A running server asks again within two seconds: nothing of it is remembered here.
  const grants = ({ store, clock }: CommandInput) =>
    createGrants({ sql: store, clock, standing: { forget() {} }, resourceTypes: deps.resourceTypes });
  return [
    {
      name: 'grant list',
      summary: 'Lists what people have allowed apps and has not ended.',
      options,
      run: async (input) => {
        for (const grant of await grants(input).list(filterOf(input))) {
          const { id, clientId, fhirUser, patientId = '', refresh = 'once', scopes, lastUsedAt } = grant;
          input.print([id, clientId, fhirUser, patientId, refresh, lastUsedAt.toISOString(), scopes].join('\t'));
        }
        return ok(undefined);
      },
    },
    {
      name: 'grant revoke',
      administers: true,
      summary:
        'Ends a grant (--id), or all of a person, about a child or of a client, with every token that came of them.',
      options: { id: { kind: 'text', help: 'this one, as grant list names it' }, ...options },
      run: async (input) => {
        const id = input.text('id');
        const filter = { ...filterOf(input), ...(id !== undefined && { id }) };
        if (Object.keys(filter).length === 0) return fail('invalid', 'Say which: --id, --user, --patient or --client.');
        const count = await grants(input).revoke(filter);
        if (count === 0) return fail('not-found', 'There is no such grant: see careweave grant list.');
        input.print(JSON.stringify({ revoked: count }));
        return ok(undefined);
      },
    },
  ];
}

function filterOf(input: CommandInput): GrantFilter {
  const [fhirUser, patientId, clientId] = [input.text('user'), input.text('patient'), input.text('client')];
  return {
    ...(fhirUser !== undefined && { fhirUser }),
    ...(patientId !== undefined && { patientId }),
    ...(clientId !== undefined && { clientId }),
  };
}
