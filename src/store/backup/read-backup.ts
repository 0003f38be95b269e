import { createHash, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { backupFormat, type Contents, type FileEnd, type SequenceLine, type TableEnd } from './contents.ts';

/** One line of a backup, by what it is. */
export type BackupLine =
  | { kind: 'contents'; contents: Contents }
  | { kind: 'row'; text: string }
  | { kind: 'table-end'; end: TableEnd }
  | { kind: 'sequences'; sequences: SequenceLine['sequences'] }
  | { kind: 'end'; end: FileEnd };

/** The file is not what it should be; `message` says it to the operator. */
export class BrokenBackup extends Error {}

/**
 * The lines of a backup in their order. Throws `BrokenBackup` when it is none, when it is cut short, or when a byte of it was changed: that
 * is known at its end only, so nothing that was read may be kept before. `progress` is told how much of the file was read, from 0 to 1.
 */
export async function* readBackup(file: string, progress: (part: number) => void): AsyncGenerator<BackupLine> {
  const digest = createHash('sha256');
  let ended = false;
  let isFirst = true;
  for await (const line of textLines(file, progress)) {
    if (ended) throw new BrokenBackup('The backup goes on behind its end: it was changed.');
    const read = lineOf(line, isFirst);
    if (read.kind === 'end') {
      const digested = digest.digest();
      const told = Buffer.from(read.end.digest, 'hex');
      if (told.length !== digested.length || !timingSafeEqual(told, digested))
        throw new BrokenBackup('The backup was changed since it was made: its digest does not hold.');
      ended = true;
    } else {
      digest.update(`${line}\n`);
    }
    yield read;
    isFirst = false;
  }
  if (!ended) throw new BrokenBackup('The backup is cut short.');
}

function lineOf(line: string, isFirst: boolean): BackupLine {
  if (isFirst) return { kind: 'contents', contents: contentsOf(line) };
  if (line.startsWith('[')) return { kind: 'row', text: line };
  // Nothing of ours is trusted before the digest holds; what is used of it before is names, which are looked up among those of the schema.
  const read = JSON.parse(line) as Partial<TableEnd & SequenceLine & FileEnd>;
  if (typeof read.digest === 'string') return { kind: 'end', end: { digest: read.digest, rows: String(read.rows) } };
  if (typeof read.end === 'string')
    return { kind: 'table-end', end: { end: read.end, rows: String(read.rows), sum: String(read.sum) } };
  if (Array.isArray(read.sequences)) return { kind: 'sequences', sequences: read.sequences };
  throw new BrokenBackup('The backup has a line that is none of a backup.');
}

const notOne = 'The file is no backup of Careweave.';

function contentsOf(line: string): Contents {
  const read = JSON.parse(line) as Partial<Contents>;
  if (read.careweave !== 'backup') throw new BrokenBackup(notOne);
  if (read.format !== backupFormat)
    throw new BrokenBackup('The backup was made by a newer Careweave: restore it with that version or a newer one.');
  const { steps, tables } = read;
  if (!Array.isArray(steps) || !Array.isArray(tables)) throw new BrokenBackup(notOne);
  return read as Contents;
}

/** By line feeds alone: other characters that end lines elsewhere may stand in a text. */
async function* textLines(file: string, progress: (part: number) => void): AsyncGenerator<string> {
  const { size } = await stat(file);
  const source = createReadStream(file);
  const text = source.pipe(createGunzip());
  source.on('error', (fault) => text.destroy(fault));
  let begun: Buffer[] = [];
  for await (const some of text as AsyncIterable<Buffer>) {
    progress(size === 0 ? 1 : source.bytesRead / size);
    let from = 0;
    for (let end = some.indexOf(10); end >= 0; end = some.indexOf(10, from)) {
      begun.push(some.subarray(from, end));
      yield Buffer.concat(begun).toString('utf8');
      begun = [];
      from = end + 1;
    }
    if (from < some.length) begun.push(some.subarray(from));
  }
  if (begun.length > 0) throw new BrokenBackup('The backup is cut short.');
}
