import { ok } from '../../base/errors.ts';
import type { Command, CommandInput } from '../../module.ts';
import { createKeyRotation } from '../key-rotation.ts';

/** `key list` and `key rotate`: what our tokens are signed with (SC-015). */
export function keyCommands(): Command[] {
  const keys = (input: CommandInput) => createKeyRotation({ sql: input.store, clock: input.clock });
  return [
    {
      name: 'key list',
      summary: 'Lists the keys that sign tokens, or have signed some that are still good.',
      run: async (input) => {
        for (const { kid, state, signsFrom, goneAt } of await keys(input).list())
          input.print(
            [kid, state, `from ${signsFrom.toISOString()}`, goneAt ? `gone ${goneAt.toISOString()}` : ''].join('\t'),
          );
        return ok(undefined);
      },
    },
    {
      name: 'key rotate',
      administers: true,
      summary:
        'Makes a new signing key. It is published now and signs in ten minutes; no restart is needed and no token ends.',
      options: {
        compromised: {
          kind: 'flag',
          help: 'the key is known to others: the new one signs now, and every token of the old ones ends',
        },
      },
      run: async (input) => {
        const made = await keys(input).rotate({ compromised: input.flag('compromised') });
        if (!made.ok) return made;
        const { kid, signsFrom } = made.value;
        input.print(JSON.stringify({ kid, signs_from: signsFrom.toISOString() }, null, 2));
        return ok(undefined);
      },
    },
  ];
}
