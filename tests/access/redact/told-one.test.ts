import { expect, test } from '@jest/globals';
import type { Answered } from '../../../src/access/redact/redactor.ts';
import { toldEach, toldOne } from '../../../src/access/redact/told-each.ts';
import type { Principal } from '../../../src/access/types.ts';

const reader: Principal = { kind: 'user', clientId: 'app', scopes: [] } as unknown as Principal;
const goal = { resourceType: 'Goal', id: 'swim', description: { text: 'Swim with her brother' } };

/** What something was taken out of is told as text, without the resource (redactor.ts). */
const takesOut = {
  redact: async <A extends Answered>({ resource: _whole, ...others }: A) =>
    ({ ...others, json: '{"resourceType":"Goal","id":"swim"}' }) as unknown as A,
};
const leaves = { redact: async <A extends Answered>(answer: A) => answer };
const losesAll = { redact: async <A extends Answered>({ status }: A) => ({ status }) as A };

test('what something was taken out of is told without it', async () => {
  expect(await toldOne(takesOut, reader, goal)).toEqual({ resourceType: 'Goal', id: 'swim' });
});

test('what nothing was taken out of is told as it is, one by one too', async () => {
  expect(await toldOne(leaves, reader, goal)).toBe(goal);
  expect(await toldEach(leaves, reader, [goal, goal])).toEqual([goal, goal]);
});

test('an answer without a body is never the whole one', async () => {
  await expect(toldOne(losesAll, reader, goal)).rejects.toThrow('no body');
});
