import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { type Door, openDoor } from '../../src/ops/door.ts';
import { sendRaw, statusOf } from '../hostile/wire.ts';

let door: Door | undefined;
afterEach(async () => door?.close());

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function open(bounds = { headersMs: 150, requestMs: 300 }): Promise<string> {
  const port = await freePort();
  const opened = await openDoor({ host: '127.0.0.1', port }, bounds);
  if (!opened.ok) throw new Error('not opened');
  door = opened.value;
  door.serve((request, response) => {
    request.resume().once('end', () => response.end('whole'));
  });
  return `http://127.0.0.1:${port}`;
}

test.each([
  ['headers that never end', ['GET / HTTP/1.1\r\nHost: x\r\nX-A: ']],
  ['a body that never ends', ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n', '{']],
  ['chunks that never end', ['POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\n{\r\n']],
])('TH-42: %s: the connection is closed when their time is over', async (_name, pieces) => {
  const received = await sendRaw(await open(), pieces);
  expect(received === '' || statusOf(received) === 408).toBe(true);
});

test('TH-42: whoever sends the whole is answered', async () => {
  const whole = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}';
  // Time enough for a machine that does much else.
  expect(await sendRaw(await open({ headersMs: 30_000, requestMs: 60_000 }), [whole])).toContain('whole');
});
