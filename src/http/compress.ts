import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { Response } from 'express';
import { limits } from '../base/limits.ts';

const compress = promisify(gzip);

/** Sends a text, as gzip when it is worth it and the caller takes it (RFC 9110, 12.5.3). Off the main thread. */
export async function sendText(response: Response, text: string): Promise<void> {
  response.vary('Accept-Encoding');
  if (text.length < limits.http.gzipFromBytes || response.req.acceptsEncodings(['gzip', 'identity']) !== 'gzip') {
    response.send(text);
    return;
  }
  const body = await compress(text, { level: constants.Z_BEST_SPEED });
  response.set('Content-Encoding', 'gzip').send(body);
}
