import type { Answer, Statement } from './pipeline.ts';

/** Hands out values of `resource.key`, before the rows that will have them are written. */
export interface Keys {
  /** `ask` runs a statement, when new numbers have to be fetched. What is not used after all leaves a gap, as sequences do. */
  take(count: number, ask: (statement: Statement) => Promise<Answer>): Promise<string[]>;
}

/** Numbers are fetched from the sequence this many at a time. */
const block = 256;

const fetchText = `SELECT nextval('resource_key_seq')::text AS key FROM generate_series(1, $1::integer)`;

export function createKeys(): Keys {
  let ready: string[] = [];
  return {
    async take(count, ask) {
      if (count > ready.length) {
        const { rows } = await ask({ text: fetchText, values: [count + block], name: 'fetch-keys' });
        // Two that fetch at once may be answered in the other order; what is written later has the higher number all the same.
        ready = [...ready, ...rows.map(({ key }) => String(key))].sort(
          (a, b) => a.length - b.length || (a < b ? -1 : 1),
        );
      }
      return ready.splice(0, count);
    },
  };
}
