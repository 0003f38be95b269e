/** PostgreSQL's extended query protocol, as one piece of bytes. Source: PostgreSQL, "Message Formats". */

/** What is to be run: prepared before it is run, when there is a `text`; asked what its rows look like, when that is not known. */
export interface Run {
  name: string;
  text?: string;
  values: readonly (string | Buffer | null)[];
  isDescribed: boolean;
}

const code = { parse: 0x50, bind: 0x42, describe: 0x44, execute: 0x45, sync: 0x53 } as const;
/** The fixed parts of the messages of one statement. */
const frame = 64;
/** Of so long a text the bytes are counted, of a shorter one room is left for as many as there may be. */
const counted = 1024;

const roomFor = (text: string) => (text.length < counted ? 3 * text.length : Buffer.byteLength(text));

function roomOf({ name, text, values }: Run): number {
  let room = frame + 2 * name.length + (text === undefined ? 0 : roomFor(text));
  for (const value of values) {
    room += 6;
    if (typeof value === 'string') room += roomFor(value);
    else if (value !== null) room += value.length;
  }
  return room;
}

/** The messages of all runs, and a Sync at their end. Names are ASCII. */
export function messagesOf(runs: readonly Run[]): Buffer {
  let room = 5;
  for (const run of runs) room += roomOf(run);
  const bytes = Buffer.allocUnsafe(room);
  let at = 0;
  const text = (some: string) => {
    at += bytes.write(some, at, 'utf8');
  };
  const cstring = (some: string) => {
    if (some !== '') at += bytes.write(some, at, 'latin1');
    bytes[at++] = 0;
  };
  /** The length of a message is known at its end. */
  const begin = (kind: number): number => {
    bytes[at] = kind;
    at += 5;
    return at - 4;
  };
  const end = (start: number) => bytes.writeInt32BE(at - start, start);
  const parse = (name: string, statement: string) => {
    const start = begin(code.parse);
    cstring(name);
    text(statement);
    bytes[at++] = 0;
    at = bytes.writeInt16BE(0, at);
    end(start);
  };
  const bind = ({ name, values }: Run) => {
    const start = begin(code.bind);
    bytes[at++] = 0;
    cstring(name);
    at = bytes.writeInt16BE(values.length, at);
    for (const value of values) at = bytes.writeInt16BE(value === null || typeof value === 'string' ? 0 : 1, at);
    at = bytes.writeInt16BE(values.length, at);
    for (const value of values) {
      if (value === null) {
        at = bytes.writeInt32BE(-1, at);
        continue;
      }
      at += 4;
      const from = at;
      if (typeof value === 'string') text(value);
      else at += value.copy(bytes, at);
      bytes.writeInt32BE(at - from, from - 4);
    }
    // Of the rows every column is text: one format for all.
    at = bytes.writeInt16BE(1, at);
    at = bytes.writeInt16BE(0, at);
    end(start);
  };
  for (const run of runs) {
    if (run.text !== undefined) parse(run.name, run.text);
    bind(run);
    if (run.isDescribed) {
      const start = begin(code.describe);
      bytes[at++] = 0x50;
      bytes[at++] = 0;
      end(start);
    }
    const start = begin(code.execute);
    bytes[at++] = 0;
    at = bytes.writeInt32BE(0, at);
    end(start);
  }
  end(begin(code.sync));
  return bytes.subarray(0, at);
}
