import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { limits } from '../../base/limits.ts';
import { errorCode } from '../../store/error-code.ts';
import { BrokenFile } from '../load/text-file.ts';
import { noPackage } from './tar.ts';

/** The unpacked bytes of a .tgz, piece by piece. Throws BrokenFile when it is no gzip, is damaged, or unpacks to more than the bound. */
export async function* gunzipped(file: string, limit: number = limits.packages.unpackedBytes): AsyncGenerator<Buffer> {
  const packed = createReadStream(file);
  const unpacked = createGunzip();
  packed.on('error', (error) => unpacked.destroy(error));
  packed.pipe(unpacked);
  let total = 0;
  try {
    for await (const chunk of unpacked) {
      const bytes: Buffer = chunk;
      total += bytes.length;
      if (total > limit) throw new BrokenFile('The archive is too large when unpacked.');
      yield bytes;
    }
  } catch (error) {
    if (!errorCode(error).startsWith('Z_')) throw error;
    throw new BrokenFile(total === 0 ? noPackage : 'The archive is damaged.');
  } finally {
    packed.destroy();
    unpacked.destroy();
  }
}
