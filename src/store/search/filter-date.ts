import type { SearchValue } from '../../fhir/search/query.ts';
import type { Statement } from './statement.ts';

type DateValue = Extract<SearchValue, { kind: 'date' }>;

/**
 * What a prefix means when the value in the record and the value asked for are both ranges, [from, to) and [start, end).
 * Source: FHIR R4, search.html#prefix.
 */
export function comparison(value: DateValue, from: string, to: string, statement: Statement): string {
  // Functions, because a placeholder that the text does not use is an error in PostgreSQL.
  const start = () => statement.add(value.start, 'timestamptz');
  const end = () => statement.add(value.end, 'timestamptz');
  // Whatever ends before `end` begins before it too; said, because the index is ordered by the beginning.
  const inside = () => `(${from} >= ${start()} AND ${from} <= ${end()} AND ${to} <= ${end()})`;
  switch (value.prefix) {
    case 'eq':
      return inside();
    case 'ne':
      return `NOT ${inside()}`;
    case 'gt':
      return `${to} > ${end()}`;
    case 'lt':
      return `${from} < ${start()}`;
    case 'ge':
      return `(${to} > ${end()} OR ${inside()})`;
    case 'le':
      return `(${from} < ${start()} OR ${inside()})`;
    case 'sa':
      return `${from} >= ${end()}`;
    case 'eb':
      return `(${from} <= ${start()} AND ${to} <= ${start()})`;
    case 'ap':
      return `(${from} < ${end()} AND ${to} > ${start()})`;
  }
}
