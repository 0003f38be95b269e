/** Writes tar archives by hand, hostile ones too. */
export interface Entry {
  name: string;
  body?: string | Buffer;
  type?: string;
  prefix?: string;
  /** Put in place of what belongs there. */
  size?: string | Buffer;
  checksum?: string;
}

export function tarOf(entries: readonly Entry[], end = true): Buffer {
  const blocks = entries.flatMap(entryOf);
  return Buffer.concat(end ? [...blocks, Buffer.alloc(1024)] : blocks);
}

function entryOf({ name, body = '', type = '0', prefix = '', size, checksum }: Entry): Buffer[] {
  const content = Buffer.from(body);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100, 'utf8');
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  const length = size ?? `${content.length.toString(8).padStart(11, '0')}\0`;
  if (typeof length === 'string') header.write(length, 124);
  else length.copy(header, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write(type, 156, 'latin1');
  header.write('ustar\x0000', 257);
  header.write(prefix, 345, 155, 'utf8');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}

/** A pax header with these records, each with its right length. */
export function pax(records: Record<string, string>): Entry {
  const body = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`);
    let length = rest + String(rest).length;
    length = rest + String(length).length;
    return `${length} ${key}=${value}\n`;
  });
  return { name: 'PaxHeader/x', type: 'x', body: body.join('') };
}
