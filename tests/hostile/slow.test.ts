import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { limits } from '../../src/base/limits.ts';
import { startWatched, unharmed, type Watched } from './journal.ts';

let http: Watched;
beforeAll(async () => {
  http = await startWatched();
  await http.send('PUT', '/fhir/Patient/steady', { body: { resourceType: 'Patient', id: 'steady' } });
});
afterAll(() => http.close());

/** A connection that is opened and never finished; settles when the other side closes it. */
function hold(url: string, text: string) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write(text);
  return socket;
}

describe('requests that never end (TH-42)', () => {
  const head =
    'POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer all\r\nContent-Type: application/fhir+json\r\n';
  test.each([
    ['half of the headers', 'GET /fhir/Patient HTTP/1.1\r\nHost: x\r\nX-'],
    ['a body of which one byte comes', `${head}Content-Length: 1000000\r\n\r\n{`],
    ['chunks without end', `${head}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`],
  ])('%s, two hundred times: others are served meanwhile', async (_name, text) => {
    const sockets = Array.from({ length: 200 }, () => hold(http.url, text));
    try {
      expect(await unharmed(http, '/fhir/Patient/steady')).toEqual({ status: 200, logged: [] });
      const written = await http.send('PUT', '/fhir/Patient/steady', {
        body: { resourceType: 'Patient', id: 'steady', active: true },
      });
      expect(written.status).toBe(200);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    expect(await unharmed(http, '/fhir/Patient/steady')).toEqual({ status: 200, logged: [] });
  });

  test('chunks without end are cut off at the bound of a body', async () => {
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(0x100000, ' '), Buffer.from('\r\n')]);
    const socket = hold(http.url, `${head}Transfer-Encoding: chunked\r\n\r\n`);
    let received = '';
    socket.on('data', (data) => {
      received += data.toString('latin1');
    });
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const answered = () => received.includes('\r\n\r\n') || socket.destroyed;
    for (let sent = 0; sent < 2 * limits.http.bodyBytes && !answered(); sent += chunk.length) {
      if (!socket.write(chunk)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
    }
    socket.destroy();
    expect(received === '' || received.startsWith('HTTP/1.1 413')).toBe(true);
    expect(await unharmed(http, '/fhir/Patient/steady')).toEqual({ status: 200, logged: [] });
  });
});
