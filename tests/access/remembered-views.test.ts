import { expect, test } from '@jest/globals';
import { createRememberedViews } from '../../src/access/remembered-views.ts';
import type { View } from '../../src/access/types.ts';

const start = Date.parse('2026-11-23T12:00:00Z');

/** Views that are done when the test says so, each with the number of its making as the policy's version. */
function house(more: Partial<View> = {}) {
  let now = start;
  const made: { who: string; done: (fault?: Error) => void }[] = [];
  const views = createRememberedViews<string>({
    clock: { now: () => new Date(now) },
    nameOf: (who) => who,
    make: (who) => {
      const view = { grants: [], policy: `${who} ${made.length + 1}`, ...more };
      const { promise, resolve, reject } = Promise.withResolvers<View>();
      made.push({ who, done: (fault) => (fault ? reject(fault) : resolve(view)) });
      return promise;
    },
  });
  const pass = (ms: number) => {
    now += ms;
  };
  const versions = async (asked: readonly Promise<View | undefined>[]) =>
    (await Promise.all(asked)).map((view) => view?.policy);
  return { views, made, pass, versions };
}

test('requests of one person at one moment make one view, which the next ones have too', async () => {
  const { views, made, pass, versions } = house();
  const asked = [views.of('anna'), views.of('anna'), views.of('ben'), views.of('anna')];
  expect(made.map(({ who }) => who)).toEqual(['anna', 'ben']);
  for (const { done } of made) done();
  expect(await versions(asked)).toEqual(['anna 1', 'anna 1', 'ben 2', 'anna 1']);
  pass(1999);
  expect(await versions([views.of('anna')])).toEqual(['anna 1']);
  pass(1);
  void views.of('anna');
  expect(made).toHaveLength(3);
});

test('nobody who comes after a change has a view whose making began before it', async () => {
  const { views, made, pass, versions } = house();
  const before = [views.of('anna'), views.of('anna')];
  views.forget();
  const after = [views.of('anna'), views.of('anna')];
  // Until the change is committed for certain, each has its own.
  expect(made).toHaveLength(3);
  for (const { done } of made) done();
  expect(await versions([...before, ...after])).toEqual(['anna 1', 'anna 1', 'anna 2', 'anna 3']);
  expect(views.known('anna', new Date(start))).toBeUndefined();
  pass(2000);
  const later = [views.of('anna'), views.of('anna')];
  expect(made).toHaveLength(4);
  made[3]?.done();
  expect(await versions(later)).toEqual(['anna 4', 'anna 4']);
});

test('one that takes too long is not waited for by those who come two seconds later, nor kept for them', async () => {
  const { views, made, pass, versions } = house();
  const slow = views.of('anna');
  pass(2000);
  const quick = views.of('anna');
  expect(made).toHaveLength(2);
  made[1]?.done();
  expect(await versions([quick])).toEqual(['anna 2']);
  made[0]?.done();
  expect(await versions([slow, views.of('anna')])).toEqual(['anna 1', 'anna 2']);
});

test('a view that is made before midnight is not waited for after it', async () => {
  const { views, made, pass } = house();
  pass(59_999);
  void views.of('anna');
  pass(1);
  void views.of('anna');
  expect(made).toHaveLength(2);
});

test('a partner has a view of its own for every request', async () => {
  const { views, made, versions } = house({ partner: { organizations: [] } });
  const asked = [views.of('anna'), views.of('anna')];
  made[0]?.done();
  await asked[0];
  expect(made).toHaveLength(2);
  made[1]?.done();
  expect(await versions(asked)).toEqual(['anna 1', 'anna 2']);
  expect(views.known('anna', new Date(start))).toBeUndefined();
});

test('what could not be made is made anew for whoever comes next', async () => {
  const { views, made, versions } = house();
  const asked = [views.of('anna'), views.of('anna')];
  made[0]?.done(new Error('no connection'));
  const answers = await Promise.allSettled(asked);
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const next = views.of('anna');
  made[1]?.done();
  expect(await versions([next])).toEqual(['anna 2']);
});
