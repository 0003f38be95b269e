import { insertion } from '../access/audit/insert.ts';
import { fail, ok, type Result } from '../base/errors.ts';
import { eraseChild } from '../store/erase/erase.ts';
import { keptTables } from '../store/erase/rules.ts';
import { type GroundCommand, type GroundDeps, type GroundInput, openedGround } from './ground.ts';

/** `erase <Patient/id>`: see docs/operations.md. */
export function eraseCommand(deps: GroundDeps): GroundCommand {
  return {
    name: 'erase',
    summary: 'Takes one child out of every table, with every version; without --confirm only says what that would be.',
    takes: ['patient'],
    options: {
      confirm: {
        kind: 'text',
        help: 'the word that the report ends with: erases what the report said. The server has to be stopped',
      },
      also: { kind: 'list', help: 'Type/id of a record that goes with the child, such as a stored document' },
      'leave-mentions': { kind: 'flag', help: 'records of others that refer to what goes keep the reference' },
    },
    run: (input) => erase(input, deps),
  };
}

const name = /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/;

async function erase(input: GroundInput, deps: GroundDeps): Promise<Result<void>> {
  const [, patientId] = /^Patient\/([A-Za-z0-9.-]{1,64})$/.exec(input.arguments.patient ?? '') ?? [];
  if (patientId === undefined) return fail('invalid', 'The child is named as Patient/id.');
  const also = input.list('also');
  if (!also.every((one) => name.test(one) && !one.startsWith('Patient/')))
    return fail('invalid', '--also takes Type/id of a record that is no Patient.');
  const confirm = input.text('confirm');
  // Alone, as a server remembers what it has read; only the report may be asked for beside one.
  const database = await openedGround(deps, deps.config, confirm === undefined);
  if (!database.ok) return database;
  const now = deps.clock.now();
  const done = await eraseChild(
    { patientId, also, leaveMentions: input.flag('leave-mentions'), ...(confirm !== undefined && { confirm }) },
    {
      ...{ pool: database.value.pool, say: input.progress, now },
      record: async (sql, id) => {
        const who = { client: 'command-line' };
        const entry = { act: 'administration', outcome: 'success', who, detail: 'erase', patients: [id] } as const;
        const { text, values } = insertion([entry], now);
        await sql.query(text, values);
        return ok(undefined);
      },
    },
  );
  if (!done.ok) return done;
  const { mentions, records, rows, confirm: word, erased } = done.value;
  const kept = {
    kept: [...new Set(['audit_event', 'access_emergency', 'ehr_erased'].map((table) => keptTables[table]))],
  };
  input.print(
    JSON.stringify({ erased, records, ...(rows && { rows }), mentions, ...kept, ...(!erased && { confirm: word }) }),
  );
  return ok(undefined);
}
