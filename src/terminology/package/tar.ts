import { limits } from '../../base/limits.ts';
import { BrokenFile } from '../load/text-file.ts';

/** One regular file of an archive. */
export interface ArchivedFile {
  path: string;
  /** Undefined when it was not wanted. */
  content?: Buffer;
}

/** Said of what is no archive at all. */
export const noPackage = 'The file is no package: a package is a .tgz, or the folder that was in one.';

const block = 512;

/**
 * The regular files of a tar archive in their order, with the content of those that are wanted: ustar, with the long names of pax and
 * GNU (POSIX.1-2017, pax; https://www.gnu.org/software/tar/manual/html_node/Standard.html). Only reads: a name is text and leads nowhere.
 * Throws BrokenFile for links, devices, names that lead out of the archive, wrong checksums, sizes past the bounds and an early end.
 */
export async function* readTar(
  source: AsyncIterable<Buffer>,
  isWanted: (path: string) => boolean,
): AsyncGenerator<ArchivedFile> {
  const bytes = byteReader(source);
  let long: { path?: string; size?: number } = {};
  for (let entries = 0; ; entries += 1) {
    if (entries > limits.packages.entries) throw new BrokenFile('The archive has too many files.');
    const header = await bytes.take(block, 'end');
    if (!header || header.every((byte) => byte === 0)) return;
    const { type, ...named } = readHeader(header, entries === 0);
    const size = long.size ?? named.size;
    if (type === 'x' || type === 'L') {
      const text = (await content(bytes, named.size, limits.packages.headerBytes)).toString('utf8');
      long = type === 'x' ? { ...long, ...paxOf(text) } : { ...long, path: text.replace(/\0.*$/s, '') };
      continue;
    }
    const path = safePath(long.path ?? named.path, type);
    long = {};
    if (type === '0' && isWanted(path))
      yield { path, content: await content(bytes, size, limits.packages.resourceBytes) };
    else {
      await bytes.skip(padded(size));
      if (type === '0') yield { path };
    }
  }
}

interface Header {
  path: string;
  size: number;
  /** `0` file, `5` directory, `x` and `L` the name of the next entry, `g` for the whole archive. */
  type: '0' | '5' | 'x' | 'L' | 'g';
}

function readHeader(header: Buffer, isFirst: boolean): Header {
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  if (octal(header, 148, 8) !== sum)
    throw new BrokenFile(isFirst ? noPackage : 'The archive is damaged: a checksum is wrong.');
  const isUstar = header.toString('latin1', 257, 262) === 'ustar';
  const prefix = isUstar ? text(header, 345, 155) : '';
  const name = text(header, 0, 100);
  const type = typeOf(header.toString('latin1', 156, 157));
  return { path: prefix === '' ? name : `${prefix}/${name}`, size: sizeOf(header), type };
}

function typeOf(flag: string): Header['type'] {
  if (flag === '0' || flag === '\0' || flag === '7') return '0';
  if (flag === '5' || flag === 'x' || flag === 'L' || flag === 'g') return flag;
  throw new BrokenFile('The archive has a link, or something else that is no file: a package has none.');
}

function text(header: Buffer, start: number, length: number): string {
  const bytes = header.subarray(start, start + length);
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? length : end);
}

function octal(header: Buffer, start: number, length: number): number {
  const digits = text(header, start, length).trim();
  // No number is no checksum, and no size that anything has.
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : Number.NaN;
}

/** Octal, or by GNU a number in base 256 when the highest bit is set: of a size that large nothing is read. */
function sizeOf(header: Buffer): number {
  if (((header[124] ?? 0) & 0x80) !== 0) throw new BrokenFile('The archive has a file that is too large.');
  const size = octal(header, 124, 12);
  if (Number.isNaN(size)) throw new BrokenFile('The archive is damaged: a file has no size.');
  return size;
}

/** Records `length key=value\n`, the length in bytes and of the whole record; what is not known is passed over. */
function paxOf(records: string): { path?: string; size?: number } {
  const found: { path?: string; size?: number } = {};
  let rest = Buffer.from(records, 'utf8');
  while (rest.length > 0) {
    const [, digits = ''] = /^(\d{1,9}) /.exec(rest.toString('latin1', 0, 10)) ?? [];
    const record = rest.subarray(digits.length + 1, Number(digits) - 1).toString('utf8');
    const equals = record.indexOf('=');
    const isWhole = Number(digits) > digits.length + 1 && Number(digits) <= rest.length;
    if (!isWhole || equals < 1) throw new BrokenFile('The archive is damaged: a long name.');
    const [key, value] = [record.slice(0, equals), record.slice(equals + 1)];
    if (key === 'path') found.path = value;
    if (key === 'size' && /^\d{1,15}$/.test(value)) found.size = Number(value);
    rest = rest.subarray(Number(digits));
  }
  return found;
}

function safePath(path: string, type: Header['type']): string {
  const parts = path.replace(/^\.\//, '').replace(/\/$/, '').split('/');
  const isSafe =
    !/[\0\\]/.test(path) && parts.every((part) => part !== '..' && part !== '') && !/^[A-Za-z]:/.test(path);
  // The entry for the root itself is harmless.
  if (isSafe || (type === '5' && /^\.?\/?$/.test(path)) || type === 'g') return parts.join('/');
  throw new BrokenFile('The archive has a name that leads out of it.');
}

const padded = (size: number) => Math.ceil(size / block) * block;

async function content(bytes: ByteReader, size: number, limit: number): Promise<Buffer> {
  if (size > limit) throw new BrokenFile('The archive has a file that is too large.');
  const found = await bytes.take(size);
  await bytes.skip(padded(size) - size);
  return found ?? Buffer.alloc(0);
}

interface ByteReader {
  /** Exactly so many bytes. At the end of the source: undefined when nothing is left and `atEnd` allows it, else BrokenFile. */
  take(count: number, atEnd?: 'end'): Promise<Buffer | undefined>;
  skip(count: number): Promise<void>;
}

function byteReader(source: AsyncIterable<Buffer>): ByteReader {
  const chunks = source[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  const more = async (): Promise<boolean> => {
    const { value, done } = await chunks.next();
    if (!done) rest = value;
    return !done;
  };
  return {
    async take(count, atEnd) {
      const parts: Buffer[] = [];
      let missing = count;
      while (missing > 0) {
        if (rest.length === 0 && !(await more())) {
          if (atEnd && missing === count) return undefined;
          throw new BrokenFile('The archive ends too early.');
        }
        const part = rest.subarray(0, missing);
        parts.push(part);
        missing -= part.length;
        rest = rest.subarray(part.length);
      }
      return Buffer.concat(parts);
    },
    async skip(count) {
      let missing = count;
      while (missing > 0) {
        if (rest.length === 0 && !(await more())) throw new BrokenFile('The archive ends too early.');
        const skipped = Math.min(missing, rest.length);
        missing -= skipped;
        rest = rest.subarray(skipped);
      }
    },
  };
}
