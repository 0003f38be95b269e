import type { Table } from './tables.ts';

export const backupFormat = 1;

/** A step of the schema that the database had taken. */
export interface Step {
  number: number;
  name: string;
  checksum: string;
}

/** The first line of a backup: what it is, and of what. */
export interface Contents {
  careweave: 'backup';
  format: number;
  /** Instant. */
  made: string;
  /** Version of PostgreSQL. */
  server: string;
  steps: Step[];
  tables: Table[];
}

/** Behind the rows of a table. */
export interface TableEnd {
  end: string;
  rows: string;
  sum: string;
}

/** Behind all tables. */
export interface SequenceLine {
  sequences: { name: string; last: string }[];
}

/** The last line: the SHA-256 of every line before it, line ends included. */
export interface FileEnd {
  digest: string;
  rows: string;
}

/** What was kept or restored, in numbers. */
export interface Kept {
  made: string;
  tables: number;
  rows: number;
  /** The number of the last step of the schema. */
  schema: number;
}
