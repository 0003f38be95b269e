import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { Response } from 'express';
import { limits } from '../base/limits.ts';

const compress = promisify(gzip);

/** Sends a text, as gzip when it is worth it and the caller takes it (RFC 9110, 12.5.3). Off the main thread. `bytes`: the same, where it is kept. */
export async function sendText(response: Response, text: string, bytes?: Buffer): Promise<void> {
  if (response.hasHeader('Vary')) response.vary('Accept-Encoding');
  else response.setHeader('Vary', 'Accept-Encoding');
  if (text.length < limits.http.gzipFromBytes || response.req.acceptsEncodings(['gzip', 'identity']) !== 'gzip') {
    sendPlain(response, text, bytes);
    return;
  }
  const body = await compress(bytes ?? text, { level: constants.Z_BEST_SPEED });
  response.set('Content-Encoding', 'gzip').send(body);
}

/** What `response.send` does, without asking again for what is known: type and charset are set, and it is not a HEAD. */
function sendPlain(response: Response, text: string, bytes?: Buffer): void {
  const { headers } = response.req;
  // Express compares the caller's version with the answer's ETag or Last-Modified and sends 304 in its place.
  if (headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined) {
    response.send(text);
    return;
  }
  if (bytes) {
    response.setHeader('Content-Length', bytes.length);
    response.end(bytes);
    return;
  }
  const length = Buffer.byteLength(text);
  response.setHeader('Content-Length', length);
  // Text of ASCII only is the same in Latin-1, which is written without looking at each character again.
  response.end(text, length === text.length ? 'latin1' : 'utf8');
}
