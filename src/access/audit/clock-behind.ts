import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Command } from '../../module.ts';
import { keepServerSetting, serverSetting } from '../../store/settings.ts';
import type { Sql } from '../../store/types.ts';

const setting = 'clock-accepted';

/**
 * TH-65: a server that starts with a clock that stands before what its audit trail holds would take tokens, consents and ages for those of
 * another day. It does not start. Error `conflict`, with what to do.
 */
export async function clockBehind(sql: Sql, now: Date): Promise<Result<void>> {
  const last = await lastRecorded(sql);
  const accepted = await serverSetting(sql, setting);
  const isAccepted = typeof accepted === 'string' && Date.parse(accepted) >= last;
  if (isAccepted || last - now.getTime() <= limits.access.clockBehindMs) return ok(undefined);
  return fail(
    'conflict',
    "This machine's clock is behind the last entry of the audit trail: set it right and start again. If it is right, and ran ahead before: careweave clock accept.",
  );
}

async function lastRecorded(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ last: Date | null }>('SELECT max(recorded) AS last FROM audit_event');
  return row?.last?.getTime() ?? 0;
}

/** `clock accept`: the machine's clock is right, and the trail has entries from a time when it ran ahead. */
export function clockCommands(): Command[] {
  return [
    {
      name: 'clock accept',
      administers: true,
      summary:
        'After a clock that ran ahead was set right: lets the server start before the last entry of its audit trail.',
      run: async ({ store, print }) => {
        const last = new Date(await lastRecorded(store));
        await keepServerSetting(store, setting, last.toISOString());
        print('The server starts with the clock as it is.');
        return ok(undefined);
      },
    },
  ];
}
