import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Clock } from '../../src/base/clock.ts';
import { fail, ok } from '../../src/base/errors.ts';
import { limits } from '../../src/base/limits.ts';
import type { Operation } from '../../src/module.ts';
import { startHttp, type TestHttp } from '../support/http.ts';

/** An operation that answers when it is told to. */
function slowOperation() {
  const waiting: { finish(): void; fail(): void; break(): void; say(text: string): void }[] = [];
  const came: (() => void)[] = [];
  const operation: Operation = {
    name: 'slow',
    definition: 'http://careweave.org/fhir/OperationDefinition/slow',
    level: 'system',
    affectsState: false,
    later: true,
    requires: [],
    handle: ({ progress }) =>
      new Promise((resolve, reject) => {
        waiting.push({
          finish: () => resolve(ok({ resourceType: 'Basic', code: { text: 'done' } })),
          fail: () => resolve(fail('unprocessable', 'It cannot be done.')),
          break: () => reject(new Error('secret')),
          say: (text) => progress?.(text),
        });
        for (const go of came.splice(0)) go();
      }),
  };
  const next = async () => {
    if (waiting.length === 0) await new Promise<void>((resolve) => came.push(resolve));
    const one = waiting.shift();
    if (!one) throw new Error('nothing waits');
    return one;
  };
  return { operation, next };
}

const later = { Prefer: 'respond-async' };
let http: TestHttp;
let slow: ReturnType<typeof slowOperation>;
let now = Date.now();
const clock: Clock = { now: () => new Date(now) };

beforeAll(async () => {
  slow = slowOperation();
  const plain: Operation = { ...slow.operation, name: 'plain', later: undefined };
  http = await startHttp({ operations: [slow.operation, plain], clock }, { clock });
});
afterAll(() => http.close());

async function begin(as = 'all') {
  const begun = await http.send('GET', '/fhir/$slow', { as, headers: later });
  expect(begun.status).toBe(202);
  const place = new URL(begun.headers.get('content-location') ?? '');
  return { place: `${place.pathname}${place.search}`, work: await slow.next() };
}

/** Asks until it is answered: each round waits for a round trip. */
async function settled(place: string, as = 'all') {
  for (;;) {
    const answer = await http.send('GET', place, { as });
    if (answer.status !== 202) return answer;
  }
}

describe('an operation that is asked to answer later', () => {
  test('is not told to somebody else, nor to the same client with other rights', async () => {
    const { place, work } = await begin();
    for (const as of ['reader', 'child-a']) expect((await http.send('GET', place, { as })).status).toBe(404);
    expect((await http.send('GET', place, { as: 'nobody' })).status).toBe(401);
    const cancel = place.replace('async-status', 'async-cancel');
    expect((await http.send('POST', cancel, { as: 'reader' })).status).toBe(404);
    work.finish();
    expect((await settled(place)).status).toBe(200);
  });

  test('answers 202 until it is done, then with the one entry of a Bundle', async () => {
    const { place, work } = await begin();
    const waiting = await http.send('GET', place);
    expect([waiting.status, waiting.headers.get('x-progress')]).toEqual([202, 'started']);
    work.say('3 of 5 children');
    expect((await http.send('GET', place)).headers.get('x-progress')).toBe('3 of 5 children');
    work.finish();
    const done = await settled(place);
    expect(done.json).toEqual({
      resourceType: 'Bundle',
      type: 'batch-response',
      entry: [{ response: { status: '200 OK' }, resource: { resourceType: 'Basic', code: { text: 'done' } } }],
    });
  });

  test('tells what it was refused for, and of a fault nothing', async () => {
    const refused = await begin();
    refused.work.fail();
    const answer = await settled(refused.place);
    expect([answer.status, answer.json.issue[0].details.text]).toEqual([422, 'It cannot be done.']);
    const broken = await begin();
    broken.work.break();
    const fault = await settled(broken.place);
    expect(fault.status).toBe(500);
    expect(fault.text).not.toMatch('secret');
  });

  test('is forgotten when it is cancelled', async () => {
    const { place, work } = await begin();
    expect((await http.send('POST', place.replace('async-status', 'async-cancel'))).status).toBe(202);
    work.finish();
    expect((await http.send('GET', place)).status).toBe(404);
  });

  test('is refused while the caller has too many under way', async () => {
    const begun = [await begin(), await begin()];
    const third = await http.send('GET', '/fhir/$slow', { headers: later });
    expect([third.status, third.headers.get('retry-after')]).toEqual([503, '5']);
    for (const { work } of begun) work.finish();
    for (const { place } of begun) expect((await settled(place)).status).toBe(200);
  });

  test('is said to be lost when nothing was heard of it for long', async () => {
    const { place, work } = await begin();
    now += limits.http.later.lostMs + 1;
    const lost = await http.send('GET', place);
    expect([lost.status, lost.json.issue[0].details.text]).toEqual([503, expect.stringMatching(/stopped/)]);
    work.finish();
    await settled(place);
  });

  test('is not kept for ever', async () => {
    const { place, work } = await begin();
    work.finish();
    await settled(place);
    now += limits.http.later.keepMs + 1;
    (await begin()).work.finish();
    expect((await http.send('GET', place)).status).toBe(404);
  });
});

test('an id that is none, or missing, is refused; an operation that does not take it answers at once', async () => {
  expect((await http.send('GET', '/fhir/$async-status')).status).toBe(400);
  expect((await http.send('GET', '/fhir/$async-status?id=1')).status).toBe(404);
  const asked = http.send('GET', '/fhir/$plain', { headers: later });
  (await slow.next()).finish();
  expect((await asked).status).toBe(200);
});
