import pg from 'pg';
import { messagesOf, type Run } from './messages.ts';
import { wireValue } from './wire-value.ts';

/** One statement of a pipeline. A named one is prepared once per connection. */
export interface Statement {
  text: string;
  values?: readonly unknown[];
  name?: string;
  /** It answers no rows, so nobody asks what they would look like. */
  isSilent?: boolean;
  /** It adds rows, and its values are their columns, lists of one length: those of others may be added to them. */
  isList?: boolean;
}

export interface Answer {
  rows: Record<string, unknown>[];
  /** PostgreSQL's word for what was done: INSERT, COMMIT, ROLLBACK … */
  command: string;
}

/**
 * Runs statements one after the other in one round trip. Outside of BEGIN they are one transaction: all of them happen, or none does
 * (PostgreSQL, "Pipelining"). After the first that fails none is run, and its error is thrown. `heard`: the answers one by one, for
 * statements that only read; of those that write nothing is certain before all are done.
 */
export function runTogether(
  client: pg.ClientBase,
  statements: readonly Statement[],
  heard?: (answer: Answer) => void,
): Promise<Answer[]> {
  return new Promise((resolve, reject) => {
    client.query(new Pipeline(statements, resolve, reject, heard));
  });
}

const columnsOf = Symbol('columns of prepared statements');

/** The messages of PostgreSQL's extended protocol, as pg's connection sends them; its types do not tell all of it. */
interface Wire {
  stream: { writable: boolean; write(bytes: Buffer): void };
  /** Names that are prepared on this connection, shared with pg's own queries. */
  parsedStatements: Record<string, string>;
  /** What the rows of prepared statements look like: it is asked once, with the first run. */
  [columnsOf]?: Map<string, readonly Column[]>;
  close(what: { type: 'S'; name: string }): void;
}

type Parser = (text: string) => unknown;
type Column = { name: string; parse: Parser };

/** pg hands the connection to `submit`, and then every answer to the `handle…` of its kind. */
class Pipeline implements pg.Submittable {
  readonly #statements: readonly Statement[];
  readonly #values: (string | Buffer | null)[][];
  readonly #resolve: (answers: Answer[]) => void;
  readonly #reject: (error: unknown) => void;
  readonly #answers: Answer[] = [];
  readonly #heard: ((answer: Answer) => void) | undefined;
  #prepared: { name: string; at: number }[] = [];
  /** For each statement what its rows look like; of those that ask for it, once it is told. */
  readonly #columns: (readonly Column[] | undefined)[];
  #known = new Map<string, readonly Column[]>();
  #rows: Record<string, unknown>[] = [];
  #settled = false;

  constructor(
    statements: readonly Statement[],
    resolve: (answers: Answer[]) => void,
    reject: (error: unknown) => void,
    heard?: (answer: Answer) => void,
  ) {
    this.#statements = statements;
    this.#heard = heard;
    this.#columns = statements.map(() => undefined);
    // Before anything is sent: a value that cannot be written must not leave half a message behind.
    this.#values = statements.map(({ values = [] }) => values.map(wireValue));
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** For whoever watches what goes to the database, as pg's own queries have it. */
  get text(): string {
    return this.#statements.map(({ text }) => text).join(';\n');
  }

  /** Answers an error, without having sent anything, when a name stands for another statement already. */
  submit(connection: pg.Connection): Error | null {
    const wire = connection as unknown as Wire;
    const isTaken = ({ name = '', text }: Statement) => (wire.parsedStatements[name] ?? text) !== text;
    if (this.#statements.some(isTaken)) return new Error('two statements have one name');
    wire[columnsOf] ??= new Map();
    this.#known = wire[columnsOf];
    const runs = this.#statements.map((statement, at) => this.#runOf(statement, at, wire.parsedStatements));
    if (wire.stream.writable) wire.stream.write(messagesOf(runs));
    return null;
  }

  #runOf({ text, name = '', isSilent = false }: Statement, at: number, parsed: Record<string, string>): Run {
    const isPrepared = name !== '' && parsed[name] !== undefined;
    if (!isPrepared && name !== '') {
      parsed[name] = text;
      this.#prepared.push({ name, at });
    }
    const columns = name === '' ? undefined : this.#known.get(name);
    this.#columns[at] = columns;
    const run = { name, values: this.#values[at] ?? [], isDescribed: !isSilent && columns === undefined };
    return isPrepared ? run : { ...run, text };
  }

  handleRowDescription({ fields }: { fields: { name: string; dataTypeID: number }[] }): void {
    const at = this.#answers.length;
    const columns = fields.map(({ name, dataTypeID }) => ({ name, parse: pg.types.getTypeParser(dataTypeID, 'text') }));
    this.#columns[at] = columns;
    const { name = '' } = this.#statements[at] ?? {};
    if (name !== '') this.#known.set(name, columns);
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    const row: Record<string, unknown> = {};
    let at = 0;
    for (const { name, parse } of this.#columns[this.#answers.length] ?? []) {
      const text = fields[at++];
      row[name] = text === null || text === undefined ? null : parse(text);
    }
    this.#rows.push(row);
  }

  handleCommandComplete({ text }: { text: string }): void {
    const at = this.#answers.length;
    const { name = '', isSilent = false } = this.#statements[at] ?? {};
    // Asked what its rows look like, it said that there are none.
    if (this.#columns[at] === undefined && name !== '' && !isSilent) this.#known.set(name, []);
    const answer = { rows: this.#rows, command: text.split(' ', 1)[0] ?? '' };
    this.#answers.push(answer);
    this.#rows = [];
    this.#heard?.(answer);
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete({ text: '' });
  }

  handleReadyForQuery(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#resolve(this.#answers);
  }

  handleError(error: unknown, connection: pg.Connection): void {
    if (this.#settled) return;
    this.#settled = true;
    const wire = connection as unknown as Wire;
    // Whether those from the failed statement on were prepared is not known: next time they are prepared anew.
    for (const { name } of this.#prepared.filter(({ at }) => at >= this.#answers.length)) {
      delete wire.parsedStatements[name];
      this.#known.delete(name);
      wire.close({ type: 'S', name });
    }
    this.#reject(error);
  }

  handlePortalSuspended(): void {}

  handleCopyInResponse(): void {}

  handleCopyData(): void {}
}
