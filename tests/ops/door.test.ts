import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Door, openDoor } from '../../src/ops/door.ts';

let door: Door;
let url: string;
beforeAll(async () => {
  for (let port = 41_300; door === undefined && port < 41_400; port++) {
    const opened = await openDoor({ host: '127.0.0.1', port });
    if (opened.ok) {
      door = opened.value;
      url = `http://127.0.0.1:${port}`;
    }
  }
});
afterAll(() => door.close());

test.each([
  ['/fhir/Patient/1', 'application/fhir+json', '"code":"transient"'],
  ['/fhir', 'application/fhir+json', 'OperationOutcome'],
  ['/health/ready', 'text/plain', 'starting'],
  ['/fhirs', 'text/plain', 'starting'],
])('%s is 503 and when to ask again, until the house is open', async (path, type, text) => {
  const answer = await fetch(url + path);
  expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('content-type')]).toEqual([
    503,
    '2',
    type,
  ]);
  expect(await answer.text()).toContain(text);
});

test('it is alive all the while: an index that is written anew takes minutes', async () => {
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
});

test('then the house answers', async () => {
  door.serve((_request, response) => response.end('open'));
  expect(await (await fetch(`${url}/fhir/Patient/1`)).text()).toBe('open');
});

test('a port that is taken is told at once', async () => {
  const again = await openDoor({ host: '127.0.0.1', port: Number(new URL(url).port) });
  expect(again).toMatchObject({ ok: false, error: { kind: 'conflict' } });
});
