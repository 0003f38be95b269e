import { limits } from '../../../base/limits.ts';
import type { r4 } from '../../../fhir/types.ts';
import type { Photo } from './types.ts';

/** The newest picture in the record that is small, and is what it says it is; anything else is left out rather than shown broken. */
export function photoOf({ photo = [] }: Pick<r4.Patient, 'photo'>): Photo | undefined {
  const known = photo.flatMap(({ data, creation = '' }) => {
    const contentType = data === undefined ? undefined : typeOf(data);
    return data !== undefined && contentType ? [{ contentType, data, creation }] : [];
  });
  const [newest] = known.sort((a, b) => (a.creation < b.creation ? 1 : a.creation > b.creation ? -1 : 0));
  return newest && { contentType: newest.contentType, data: newest.data };
}

/** By its first bytes; undefined for another format, or for more bytes or points than a small picture has. */
function typeOf(data: string): Photo['contentType'] | undefined {
  if (data.length > limits.care.photoLength) return undefined;
  const bytes = Buffer.from(data, 'base64');
  if (bytes.length > 24 && bytes.subarray(0, 8).equals(pngSignature)) {
    const isSmall = [16, 20].every((at) => bytes.readUInt32BE(at) <= limits.care.photoSide);
    return isSmall ? 'image/png' : undefined;
  }
  return bytes.length > 4 && bytes.subarray(0, 3).equals(jpegSignature) ? 'image/jpeg' : undefined;
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const jpegSignature = Buffer.from([0xff, 0xd8, 0xff]);
