import type { Clock } from '../../base/clock.ts';
import type { RoomGauge } from '../../module.ts';
import type { Prepared } from './prepared.ts';
import { statusOf } from './status.ts';

/** What operators watch: whether answers keep up, fail, or differ from what the records say. Labels are names of measures only. */
export function currencyGauges(prepared: () => Prepared, { clock, zone }: { clock: Clock; zone: string }): RoomGauge[] {
  return [
    {
      name: 'careweave_measure_answers',
      help: 'Answers of the calendar year by measure and state: current, failed, pending.',
      labelNames: ['measure', 'state'],
      async read(sql) {
        const { measures } = await statusOf(sql, prepared().measures, { now: clock.now(), zone });
        return measures.flatMap(({ measure, current, failed, pending }) => [
          { labels: { measure, state: 'current' }, value: current - failed },
          { labels: { measure, state: 'failed' }, value: failed },
          { labels: { measure, state: 'pending' }, value: pending },
        ]);
      },
    },
    {
      name: 'careweave_measures_behind_seconds',
      help: 'How long the child that waits the longest has been waiting for its evaluation.',
      labelNames: [],
      async read(sql) {
        const { secondsBehind } = await statusOf(sql, [], { now: clock.now(), zone });
        return [{ labels: {}, value: secondsBehind }];
      },
    },
    {
      name: 'careweave_measure_differences',
      help: 'Kept answers that differed from a full computation, by measure, since the database was made. Nothing but 0 is expected.',
      labelNames: ['measure'],
      async read(sql) {
        const rows = await sql.query<{ measure: string; differing: string }>(
          "SELECT measure, differing FROM measure_verification WHERE measure <> ''",
        );
        const known = new Map(rows.map(({ measure, differing }) => [measure, Number(differing)]));
        for (const { name } of prepared().measures) if (!known.has(name)) known.set(name, 0);
        return [...known].map(([measure, value]) => ({ labels: { measure }, value }));
      },
    },
  ];
}
