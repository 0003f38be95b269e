import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { limits } from '../../../src/base/limits.ts';
import { gunzipped } from '../../../src/terminology/package/archive.ts';
import { readTar } from '../../../src/terminology/package/tar.ts';
import { type Entry, pax, tarOf } from './make-tar.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Buffer, size = 100_000): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { path, content } of readTar(inPieces(bytes, size), (name) => !name.endsWith('.skip')))
    found[path] = content?.toString('utf8') ?? 'skipped';
  return found;
}

const file = (name: string, body = 'x'): Entry => ({ name, body });

describe('refused, in words that repeat nothing', () => {
  test.each<[string, Buffer, RegExp]>([
    ['a name that leads up', tarOf([file('../secret')]), /leads out/],
    ['a name that leads up in between', tarOf([file('package/../../secret')]), /leads out/],
    ['a name from the root', tarOf([file('/etc/secret')]), /leads out/],
    ['a prefix that leads up', tarOf([{ ...file('secret'), prefix: '..' }]), /leads out/],
    ['a drive', tarOf([file('C:secret')]), /leads out/],
    ['backslashes', tarOf([file('package\\..\\secret')]), /leads out/],
    ['a directory that leads up', tarOf([{ name: '../', type: '5' }]), /leads out/],
    ['a long name by pax that leads up', tarOf([pax({ path: 'package/../../secret' }), file('x')]), /leads out/],
    [
      'a long name by GNU that leads up',
      tarOf([{ name: 'L', type: 'L', body: '../secret\0' }, file('x')]),
      /leads out/,
    ],
    ['a symbolic link', tarOf([{ name: 'package/secret', type: '2' }]), /link/],
    ['a hard link', tarOf([{ name: 'package/secret', type: '1' }]), /link/],
    ['a device', tarOf([{ name: 'package/secret', type: '3' }]), /no file/],
    ['a sparse file', tarOf([{ name: 'package/secret', type: 'S' }]), /no file/],
    ['no archive', Buffer.alloc(600, 'secret '), /no package/],
    ['a wrong checksum later on', tarOf([file('a'), { ...file('secret'), checksum: '000001\0 ' }]), /checksum/],
    ['an early end within a file', tarOf([file('a', 'y'.repeat(2000))]).subarray(0, 1000), /too early/],
    ['an early end within a header', tarOf([file('a')]).subarray(0, 300), /too early/],
    [
      'a size in base 256',
      tarOf([{ ...file('a'), size: Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]) }]),
      /too large/,
    ],
    ['a size that is no number', tarOf([{ ...file('a'), size: 'secretsecre\0' }]), /no size/],
    ['a size past the bound', tarOf([{ ...file('a'), size: '77777777777\0' }]), /too large/],
    ['a size by pax past the bound', tarOf([pax({ size: '999999999999' }), file('a')]), /too large/],
    ['a pax record of no length', tarOf([{ name: 'x', type: 'x', body: '0 path=secret\n' }, file('a')]), /long name/],
    [
      'a pax record longer than all',
      tarOf([{ name: 'x', type: 'x', body: '999 path=secret\n' }, file('a')]),
      /long name/,
    ],
    ['a pax record without a value', tarOf([{ name: 'x', type: 'x', body: '10 secret\n' }, file('a')]), /long name/],
    [
      'a long name that is too long',
      tarOf([pax({ path: 'a'.repeat(limits.packages.headerBytes) }), file('a')]),
      /too large/,
    ],
  ])('%s', async (_name, bytes, words) => {
    const refused = read(bytes).then(
      () => 'was accepted',
      (fault: Error) => fault.message,
    );
    expect(await refused).toMatch(words);
    expect(await refused).not.toContain('secret');
  });
});

describe('read', () => {
  test('files in their order; directories, pax headers for all and what is not wanted are passed over', async () => {
    const bytes = tarOf([
      { name: 'g', type: 'g', body: '18 comment=secret\n' },
      { name: './', type: '5' },
      { name: 'package/', type: '5' },
      file('./package/a.json', 'A'),
      file('package/big.skip', 'y'.repeat(5000)),
      { ...file('b.json', 'B'), prefix: 'package' },
      { ...file('package/old', 'O'), type: '\0' },
      file('package/empty', ''),
    ]);
    expect(await read(bytes)).toEqual({
      'package/a.json': 'A',
      'package/big.skip': 'skipped',
      'package/b.json': 'B',
      'package/old': 'O',
      'package/empty': '',
    });
  });
  test('what comes after the end is not looked at; a missing end is none', async () => {
    expect(await read(Buffer.concat([tarOf([file('a')]), tarOf([file('../x')])]))).toEqual({ a: 'x' });
    expect(await read(tarOf([file('a')], false))).toEqual({ a: 'x' });
  });
  test('long names hold for the next file only', async () => {
    const long = `package/${'é'.repeat(200)}.json`;
    const bytes = tarOf([
      pax({ mtime: '1.5', path: long }),
      file('short', '1'),
      file('second', '2'),
      { name: 'L', type: 'L', body: `${long}2\0` },
      file('short', '3'),
    ]);
    expect(await read(bytes)).toEqual({ [long]: '1', second: '2', [`${long}2`]: '3' });
  });
  test('any files, however the bytes arrive', async () => {
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    const files = fc.uniqueArray(fc.record({ name, body: fc.string({ maxLength: 2000 }) }), {
      selector: (one) => one.name,
    });
    await fc.assert(
      fc.asyncProperty(files, fc.integer({ min: 1, max: 3000 }), async (entries, size) => {
        expect(await read(tarOf(entries), size)).toEqual(
          Object.fromEntries(entries.map((one) => [one.name, one.body])),
        );
      }),
      { numRuns: 100, seed: 7 },
    );
  });
  test('any bytes: an archive or one of our sentences', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), fc.nat(600), async (noise, at) => {
        const bytes = tarOf([pax({ path: 'package/a' }), file('a', 'y'.repeat(300))]);
        Buffer.from(noise).copy(bytes, at);
        const name = await read(bytes).then(
          () => 'BrokenFile',
          (fault: Error) => fault.constructor.name,
        );
        expect(name).toBe('BrokenFile');
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});

describe('gzip', () => {
  const folder = mkdtempSync(join(tmpdir(), 'careweave-gzip-'));
  const place = join(folder, 'x.tgz');
  const unpack = async (bytes: Buffer, limit?: number) => {
    writeFileSync(place, bytes);
    let total = 0;
    try {
      for await (const chunk of gunzipped(place, limit)) total += chunk.length;
      return total;
    } catch (fault) {
      return String(fault);
    }
  };
  test('a bomb, something else, half of one, nothing', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    expect(bomb.length).toBeLessThan(100_000);
    expect(await unpack(bomb, 1_000_000)).toMatch(/too large when unpacked/);
    expect(await unpack(Buffer.from('PK\x03\x04 a zip'))).toMatch(/no package/);
    expect(await unpack(gzipSync(Buffer.from(String(Math.PI).repeat(100_000))).subarray(0, 500))).toMatch(
      /damaged|no package/,
    );
    expect(await unpack(Buffer.alloc(0))).toMatch(/no package/);
    expect(await unpack(gzipSync(Buffer.alloc(1000)))).toBe(1000);
    rmSync(folder, { recursive: true });
  });
});
