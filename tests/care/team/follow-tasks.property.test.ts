import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createCare } from '../../../src/care/care.ts';
import { memberKey } from '../../../src/care/team/participants.ts';
import { teamId } from '../../../src/care/team/team-content.ts';
import type { r4 } from '../../../src/fhir/types.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';
import { enlist } from '../support/people.ts';

const now = { at: new Date('2026-03-06T15:00:00Z') };
const { module } = createCare({ clock: { now: () => now.at } });
let at: TestStore;
beforeAll(async () => {
  const { checks, conclusions } = module;
  at = await createTestStore({ checks, conclusions });
  await enlist(at.store, 'Practitioner/nurse', 'Organization/pantry');
});
afterAll(() => at.drop());

const because = {
  coding: [{ system: 'http://careweave.org/fhir/CodeSystem/ending-reason', code: 'other' }],
  text: 'Because',
};
/** Somebody who may delete a Task: people may not (queue/). */
const janitor = { kind: 'system', id: 'test', requestId: 'test' } as const;

const owners = ['Practitioner/nurse', 'Organization/pantry', 'RelatedPerson/mother'] as const;
const statuses = [
  'requested',
  'received',
  'accepted',
  'in-progress',
  'on-hold',
  'completed',
  'failed',
  'rejected',
] as const;

/** What may happen: a Task is written, deleted, or a person takes somebody out of the team or puts them in. */
type Step =
  | { kind: 'write'; task: number; owner: number; status: (typeof statuses)[number] }
  | { kind: 'delete'; task: number }
  | { kind: 'take-out'; owner: number }
  | { kind: 'put-in'; owner: number };
const task = fc.integer({ min: 0, max: 2 });
const owner = fc.integer({ min: 0, max: owners.length - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('write' as const), task, owner, status: fc.constantFrom(...statuses) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), task }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('take-out' as const), owner }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('put-in' as const), owner }) },
);

interface Membership {
  member: string;
  start: string;
  end?: string;
  byHand: boolean;
}

/**
 * The rule again, from its sentences, with everything remembered: after each step looks at all Tasks there have ever been. Slow and obvious.
 */
function expected(steps: readonly Step[], times: readonly string[]): Membership[] {
  const memberships: Membership[] = [];
  const takenOut = new Set<string>();
  const worksOn = new Map<number, string>();
  for (const [index, one] of steps.entries()) {
    const time = times[index] ?? '';
    const open = (member: string) => memberships.find((each) => each.member === member && each.end === undefined);
    if (one.kind === 'take-out') {
      const member = owners[one.owner] ?? '';
      const there = open(member);
      if (there) {
        there.end = time;
        takenOut.add(member);
      }
      continue;
    }
    if (one.kind === 'put-in') {
      const member = owners[one.owner] ?? '';
      if (!open(member)) memberships.push({ member, start: time, byHand: true });
      takenOut.delete(member);
      continue;
    }
    const before = worksOn.get(one.task);
    let after: string | undefined;
    if (one.kind === 'write') {
      const who = owners[one.owner] ?? '';
      const accepted = one.status === 'accepted' || one.status === 'in-progress';
      const held = one.status === 'on-hold' && before === who;
      if ((accepted || held) && !who.startsWith('RelatedPerson/')) after = who;
    }
    if (after === undefined) worksOn.delete(one.task);
    else worksOn.set(one.task, after);
    if (after !== undefined && after !== before && !open(after) && !takenOut.has(after))
      memberships.push({ member: after, start: time, byHand: false });
    const last = before !== undefined && ![...worksOn.values()].includes(before) ? open(before) : undefined;
    if (last && !last.byHand) last.end = time;
  }
  return memberships;
}

test('S1.10 after any history of Tasks and of people’s changes, memberships are as the rule written a second time has them', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
      run += 1;
      const child = `child-${run}`;
      const times: string[] = [];
      for (const one of steps) {
        now.at = new Date(now.at.getTime() + 1000);
        times.push(now.at.toISOString());
        await perform(child, one);
      }
      const wanted = expected(steps, times);
      const found = (await participantsOf(child)).map((each) => ({ member: memberKey(each), ...each.period }));
      const plain = wanted.map(({ byHand: _, ...rest }) => rest);
      const sorted = (list: object[]) => list.map((each) => JSON.stringify(each)).sort();
      expect(sorted(found)).toEqual(sorted(plain));
    }),
    { numRuns: 60 },
  );
});

async function participantsOf(child: string): Promise<r4.CareTeamParticipant[]> {
  const stored = await at.store.read('CareTeam', teamId(child));
  return stored ? (a.parsed<r4.CareTeam>(stored).participant ?? []) : [];
}

async function perform(child: string, one: Step): Promise<void> {
  if (one.kind === 'write') {
    const subject = {
      for: { reference: `Patient/${child}` },
      owner: { reference: owners[one.owner] },
      statusReason: because,
    };
    await a.put(at.store, a.coordinator, a.task(`${child}-${one.task}`, 'Call', { ...subject, status: one.status }));
    return;
  }
  if (one.kind === 'delete') {
    const done = await at.store.transact(janitor, (tx) => tx.delete('Task', `${child}-${one.task}`));
    expect(done.ok).toBe(true);
    return;
  }
  const member = owners[one.owner] ?? '';
  const before = await participantsOf(child);
  const isTheirs = (each: r4.CareTeamParticipant) => memberKey(each) === member && each.period?.end === undefined;
  const time = now.at.toISOString();
  let after = before;
  if (one.kind === 'take-out') {
    if (!before.some(isTheirs)) return;
    after = before.map((each) => (isTheirs(each) ? { ...each, period: { ...each.period, end: time } } : each));
  } else {
    const own = { member: { reference: member }, role: [{ text: 'By hand' }], period: { start: time } };
    // Who is there already is put there once more by hand: their membership then says who put them there, and nothing changes.
    if (before.some(isTheirs)) return;
    after = [...before, own];
  }
  await a.put(at.store, a.coordinator, {
    resourceType: 'CareTeam',
    id: teamId(child),
    status: 'active',
    subject: { reference: `Patient/${child}` },
    participant: after,
  });
}
