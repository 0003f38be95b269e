import { expect, test } from '@jest/globals';
import { inSlices } from '../../../src/base/in-slices.ts';
import { pairSteps } from '../../../src/care/reconcile/candidates.ts';
import { chartOf, chartSteps } from '../../../src/care/reconcile/chart.ts';
import { type Remembered, rowSteps, rowsOf } from '../../../src/care/reconcile/rows.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import * as a from '../support/child.ts';

const options = { patientId: a.childId, now: new Date('2026-11-23T09:00:00Z'), staleMonths: 12 };
const nothing: Remembered = { hasPair: () => false, hasOne: () => false };

/** Four hospitals say the same thousands of things in other words. */
function recordOf(at: number): Resource {
  const said = at % 2500;
  const text = `Finding ${said} of part ${said % 71}`;
  const goal = said % 2 === 0 ? 'Push fluids' : 'Walk to school';
  const made: Resource[] = [
    a.condition(`r${at}`, '', { code: { text } }),
    {
      resourceType: 'Goal',
      id: `r${at}`,
      lifecycleStatus: 'active',
      description: { text: `${goal} ${said}` },
      subject: a.child,
    },
    {
      resourceType: 'ServiceRequest',
      id: `r${at}`,
      status: 'active',
      intent: 'plan',
      code: { text },
      subject: a.child,
    },
    { resourceType: 'Task', id: `r${at}`, status: 'ready', intent: 'plan', description: text, for: a.child },
  ];
  const resource = made[said % made.length];
  if (!resource) throw new Error('no such kind');
  return a.mirrored(resource, `site-${Math.floor(at / 2500)}`);
}

test('D19 ten thousand records are held against each other in slices: what waits meanwhile is answered, and the rows are the same', async () => {
  const resources = Array.from({ length: 10_000 }, (_, at) => recordOf(at));
  const turns = { chart: 0, pairs: 0, rows: 0 };
  let doing: keyof typeof turns = 'chart';
  let isOver = false;
  // Whoever else waits for the thread, as a request does.
  const others = (async () => {
    while (!isOver) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (!isOver) turns[doing] += 1;
    }
  })();
  const chart = await inSlices(chartSteps(resources, options), 1);
  doing = 'pairs';
  const { pairs, isWhole } = await inSlices(pairSteps(chart), 1);
  doing = 'rows';
  const rows = await inSlices(rowSteps(chart, nothing, pairs), 1);
  isOver = true;
  await others;
  expect(isWhole).toBe(true);
  expect(Math.min(...Object.values(turns))).toBeGreaterThan(2);
  expect(rows.length).toBeGreaterThan(2000);
  expect(rows.map(({ id, why }) => [id, why])).toEqual(
    rowsOf(chartOf([...resources].reverse(), options), nothing).map(({ id, why }) => [id, why]),
  );
});
