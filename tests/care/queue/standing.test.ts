import { describe, expect, test } from '@jest/globals';
import { standingOf } from '../../../src/care/queue/standing.ts';
import type { r4 } from '../../../src/fhir/types.ts';

/** When a Task is overdue by what was promised. */
const dueOf = (end?: string, zone?: string) => {
  const task = { resourceType: 'Task', status: 'requested', intent: 'order', restriction: { period: { end } } };
  return standingOf(task as r4.Task, zone)
    ?.due(new Date(0))
    ?.toISOString();
};

describe('what was promised until', () => {
  test.each([
    ['no day', undefined, undefined],
    ['a day', '2026-03-07', '2026-03-07T23:59:59.999Z'],
    ['a month', '2026-02', '2026-02-28T23:59:59.999Z'],
    ['an instant', '2026-03-07T12:00:00+01:00', '2026-03-07T11:00:00.000Z'],
  ])('%s is overdue when it has ended, not when it begins', (_name, end, due) => {
    expect(dueOf(end)).toBe(due);
  });

  test('days are those of the house: in New York one ends when it does there, also when clocks are set', () => {
    expect(dueOf('2026-03-07', 'America/New_York')).toBe('2026-03-08T04:59:59.999Z');
    expect(dueOf('2026-03-08', 'America/New_York')).toBe('2026-03-09T03:59:59.999Z');
    expect(dueOf('2026-03-07T12:00:00+01:00', 'America/New_York')).toBe('2026-03-07T11:00:00.000Z');
  });
});
