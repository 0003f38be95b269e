import { expect, test } from '@jest/globals';
import { readQueue } from '../../../src/web/coordinator/queue/read-queue.ts';
import type { FhirClient } from '../../../src/web/shared/fhir-client.ts';

/** The one line of a queue in which the server says of a Task when it is overdue. */
async function dueOn(end: string | undefined, due: string): Promise<string | undefined> {
  const task = { resourceType: 'Task', status: 'requested', intent: 'order', restriction: { period: { end } } };
  const part = [
    { name: 'task', resource: task },
    { name: 'due', valueInstant: due },
  ];
  const value = { resourceType: 'Parameters', parameter: [{ name: 'item', part }] };
  const client = { get: async () => ({ ok: true, value }), ask: async () => [] } as unknown as FhirClient;
  const answer = await readQueue(client, { reasons: ['overdue'] });
  return answer.ok ? answer.value.items[0]?.dueOn : undefined;
}

test('a day that was promised stays that day in every time zone; what the clock says is an instant', async () => {
  expect(await dueOn('2026-11-15', '2026-11-15T23:59:59.999Z')).toBe('2026-11-15');
  expect(await dueOn('2026-11-30', '2026-11-18T09:00:00.000Z')).toBe('2026-11-18T09:00:00.000Z');
  expect(await dueOn('2026-11-15T17:00:00-05:00', '2026-11-15T22:00:00.000Z')).toBe('2026-11-15T22:00:00.000Z');
  expect(await dueOn(undefined, '2026-11-18T09:00:00.000Z')).toBe('2026-11-18T09:00:00.000Z');
});
