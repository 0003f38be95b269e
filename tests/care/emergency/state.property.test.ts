import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createCare } from '../../../src/care/care.ts';
import { readState } from '../../../src/care/emergency/state-row.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';
import * as r from './records.ts';

/** Random events in a child's life, held against a plain list of what was seen since the last check. */
const start = Date.parse('2026-11-20T15:00:00Z');
const now = { at: new Date(start) };
const clock = { now: () => now.at };
const { checks = [], effects = [], conclusions = [] } = createCare({ clock }).module;
let at: TestStore;
beforeAll(async () => {
  at = await createTestStore({ checks, effects, conclusions, clock });
});
afterAll(() => at.drop());

/** A visit that was over at the check, of which the hospital then says that it lasted longer. */
const visit = { kind: 'visit', id: 2, code: 'IMP', daysAgo: 0 } as const;
const lastedLonger: [Event, boolean][] = [visit, { kind: 'review' } as const, visit].map((one) => [one, false]);

type Event =
  | { kind: 'device'; id: number; size: number; gone: boolean }
  | { kind: 'drug'; id: number; name: number; active: boolean }
  | { kind: 'visit'; id: number; code: string; daysAgo: number }
  | { kind: 'weight'; id: number; grams: number }
  | { kind: 'review' };

const few = fc.nat({ max: 2 });
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant('device' as const), id: few, size: few, gone: fc.boolean() }),
  fc.record({ kind: fc.constant('drug' as const), id: few, name: few, active: fc.boolean() }),
  fc.record({
    kind: fc.constant('visit' as const),
    id: few,
    code: fc.constantFrom('IMP', 'EMER', 'AMB'),
    daysAgo: fc.nat({ max: 4 }),
  }),
  fc.record({ kind: fc.constant('weight' as const), id: few, grams: fc.integer({ min: 8000, max: 12_000 }) }),
  fc.record({ kind: fc.constant('review' as const) }),
);

/** What a careful person would keep on paper. */
class Paper {
  reasons = new Set<string>();
  reviewedAt = start;
  weight: number | undefined;
  latest: { at: number; grams: number } | undefined;
  known = new Set<number>();
  devices = new Map<number, number>();
  orders = new Map<number, { name: number; active: boolean }>();
  /** Until when each counts as an admission. */
  visits = new Map<number, number>();
  weights = new Map<number, { at: number; grams: number }>();

  see(happened: Event, time: number): void {
    if (happened.kind === 'review') {
      this.reasons.clear();
      this.reviewedAt = time;
      this.known = new Set([...this.orders.values()].filter(({ active }) => active).map(({ name }) => name));
      this.weight = [...this.weights.values()].sort((one, other) => other.at - one.at)[0]?.grams;
    } else if (happened.kind === 'device') {
      const is = happened.gone ? -1 : happened.size;
      if ((this.devices.get(happened.id) ?? -2) !== is) this.reasons.add(`device ${happened.id}`);
      this.devices.set(happened.id, is);
    } else if (happened.kind === 'drug') {
      const before = this.orders.get(happened.id);
      const goesOn = before?.active === true && before.name === happened.name;
      if (happened.active && !goesOn && !this.known.has(happened.name)) this.reasons.add(`drug ${happened.id}`);
      this.orders.set(happened.id, happened);
    } else if (happened.kind === 'visit') {
      const isAdmission = happened.code !== 'AMB';
      const until = isAdmission ? time - happened.daysAgo * 86_400_000 : 0;
      // One that was over at the last check and now lasts past it is news; one that lasted past it before is not.
      const lasted = (this.visits.get(happened.id) ?? 0) > this.reviewedAt;
      if (until > this.reviewedAt && !lasted) this.reasons.add(`admission ${happened.id}`);
      this.visits.set(happened.id, until);
    } else {
      this.weights.set(happened.id, { at: time, grams: happened.grams });
      if (this.weight === undefined) this.weight = happened.grams;
      else if (Math.abs(happened.grams - this.weight) * 10 > this.weight) this.reasons.add(`weight ${happened.id}`);
    }
  }
}

function recordOf(happened: Event, child: string, time: number): Resource {
  const day = (at: number) => new Date(at).toISOString();
  if (happened.kind === 'device')
    return r.device(
      `${child}-d${happened.id}`,
      child,
      `Tube ${happened.size}`,
      happened.gone ? { status: 'inactive', deviceName: [{ name: 'gone', type: 'other' }] } : {},
    );
  if (happened.kind === 'drug')
    return r.order(`${child}-o${happened.id}`, child, `Drug ${happened.name}`, {
      status: happened.active ? 'active' : 'stopped',
    });
  if (happened.kind === 'visit') {
    const end = day(time - happened.daysAgo * 86_400_000);
    return r.encounter(`${child}-e${happened.id}`, child, happened.code, {
      status: 'finished',
      period: { start: end, end },
    });
  }
  if (happened.kind === 'weight') return r.weight(`${child}-w${happened.id}`, child, happened.grams, day(time), 'g');
  throw new Error('a review is made by hand');
}

let made = 0;
test('D6 whatever happens, the plan is due for exactly what was seen since its last check, and one Task asks for it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(event, fc.boolean()), { minLength: 1, maxLength: 14 }), async (events) => {
      made += 1;
      const child = `p-${made}`;
      now.at = new Date(start);
      const paper = new Paper();
      const anyDevice = r.scenario(`${child}-out`, child, ['device-failure']);
      await a.put(
        at.store,
        a.coordinator,
        r.patient(child),
        r.shared(child),
        anyDevice,
        r.emergencyPlan(child, [`${child}-out`]),
      );
      for (const [happened, bySync] of events) {
        now.at = new Date(now.at.getTime() + 86_400_000);
        const time = now.at.getTime();
        if (happened.kind === 'review') await a.put(at.store, a.coordinator, r.review(`${child}-r${time}`, child));
        else if (bySync) await a.put(at.store, a.syncActor, a.mirrored(recordOf(happened, child, time)));
        else await a.put(at.store, a.coordinator, recordOf(happened, child, time));
        paper.see(happened, time);
        const state = await readState(at.store, child);
        const told = state?.reasons.map(({ code, record }) => `${code} ${record?.slice(-1)}`).sort();
        expect(told).toEqual([...paper.reasons].sort());
        const rows = await at.store.recordsOf([child], ['Task']);
        const open = rows.map(({ stored }) => a.parsed<any>(stored)).filter(({ status }) => status === 'requested');
        expect(open).toHaveLength(paper.reasons.size > 0 ? 1 : 0);
      }
    }),
    { numRuns: 15, examples: [[lastedLonger]] },
  );
}, 60_000);
