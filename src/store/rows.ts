import type { Stored } from './types.ts';

/** Runs one statement. Named statements are prepared once per connection. */
export type Query = <Row extends object>(text: string, values?: readonly unknown[], name?: string) => Promise<Row[]>;

/** A row of `resource`, or of `resource_history` joined to it. */
export interface ResourceRow {
  key: string;
  type: string;
  id: string;
  version: number;
  last_updated: Date;
  deleted: boolean;
  method: string;
  content: string;
}

export const resourceColumns = 'r.key, r.type, r.id, r.version, r.last_updated, r.deleted, r.method, r.content';

function methodOf(text: string): Stored['method'] {
  return text === 'POST' || text === 'DELETE' ? text : 'PUT';
}

export function toStored(row: ResourceRow): Stored {
  return {
    type: row.type,
    id: row.id,
    version: row.version,
    lastUpdated: row.last_updated.toISOString(),
    deleted: row.deleted,
    method: methodOf(row.method),
    json: row.content,
  };
}
