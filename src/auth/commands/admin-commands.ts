import { fail, ok } from '../../base/errors.ts';
import type { Command } from '../../module.ts';
import { keepSecondPerson } from '../admin/requests.ts';

/** `admin second-person`: administration by two (TH-66), for the admin API. Whoever has this machine has the database, and is not held by it. */
export function adminCommands(): Command[] {
  return [
    {
      name: 'admin second-person',
      administers: true,
      summary:
        'on: new clients and secrets that somebody asks of the admin API wait until another administrator confirms. off: they are made at once.',
      takes: ['on|off'],
      run: async ({ arguments: given, store, print }) => {
        const wanted = given['on|off'];
        if (wanted !== 'on' && wanted !== 'off') return fail('invalid', 'Say on or off.');
        await keepSecondPerson(store, wanted === 'on');
        print(`Administration by two is ${wanted}.`);
        return ok(undefined);
      },
    },
  ];
}
