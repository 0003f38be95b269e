import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bserStatus,
  type CanonicalState,
  canonicalStates,
  ownStatus,
  stateOf,
  statusFor,
} from '../../../../src/care/referral/canonical-state.ts';
import { hear } from '../../../../src/care/referral/dialect/hear.ts';
import { gravityTask, tell } from '../../../../src/care/referral/dialect/tell.ts';
import { type Spoken, statesSaid } from '../../../../src/care/referral/dialect/words.ts';
import { moves } from '../../../../src/care/referral/moves.ts';
import type { Resource, r4 } from '../../../../src/fhir/types.ts';

const spoken: readonly Spoken[] = ['gravity', 'bser'];

function referral(state: CanonicalState, more: object = {}): Resource & r4.Task {
  return {
    resourceType: 'Task',
    id: 'r',
    intent: 'order',
    code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
    focus: { reference: 'ServiceRequest/s' },
    for: { reference: 'Patient/p' },
    requester: { reference: 'Organization/asks' },
    owner: { reference: 'Organization/does' },
    authoredOn: '2026-11-02',
    ...statusFor(state),
    ...more,
  };
}

/** Decision D9, its two columns, once more by hand. */
const d9: readonly (readonly [CanonicalState, gravity: string, bser: string, code: string | undefined])[] = [
  ['draft', 'draft', 'draft', undefined],
  ['sent', 'requested', 'received', '2.0'],
  ['seen', 'requested', 'received', '2.0'],
  ['more-information', 'on-hold', 'received', '2.0'],
  ['accepted', 'accepted', 'accepted', '3.0'],
  ['active', 'in-progress', 'in-progress', undefined],
  ['scheduled', 'in-progress', 'in-progress', '5.1.1'],
  ['no-show', 'in-progress', 'in-progress', '5.1.2'],
  ['appointment-cancelled', 'in-progress', 'in-progress', '5.1.3'],
  ['visit-done', 'in-progress', 'in-progress', '5.1.4'],
  ['waitlisted', 'on-hold', 'in-progress', undefined],
  ['cancel-requested', 'in-progress', 'in-progress', '5.2'],
  ['completed', 'completed', 'completed', '7.0'],
  ['loop-closed', 'completed', 'completed', '7.0'],
  ['declined', 'rejected', 'rejected', '4.0'],
  ['cancelled', 'cancelled', 'cancelled', '6.0'],
  ['failed', 'failed', 'completed', '7.0'],
  ['entered-in-error', 'entered-in-error', 'entered-in-error', undefined],
];

const bserCodeOf = (task: Partial<r4.Task>) =>
  task.businessStatus?.coding?.find((one) => one.system === bserStatus)?.code;
const said = (dialect: Spoken, state: CanonicalState, more: object = {}) =>
  tell(dialect, referral(state, more)) as Resource & r4.Task;
const heard = (dialect: Spoken, task: Resource, stored?: Resource, isPerformer = false) => {
  const result = hear(dialect, task, { isPerformer, ...(stored && { stored }) });
  return result.ok ? stateOf(result.value as Resource & r4.Task) : result.error.issues[0]?.text.split(':')[0];
};
/** As a system keeps it that knows the dialect's own words only. */
const withoutOurs = (dialect: Spoken, { businessStatus: known, ...task }: Resource & r4.Task): Resource & r4.Task => {
  const coding = (known?.coding ?? []).filter(({ system }) => dialect === 'bser' && system === bserStatus);
  return { ...task, ...(coding.length > 0 && { businessStatus: { coding } }) };
};

describe('hear refuses', () => {
  test.each([
    ['gravity', 'received'],
    ['gravity', 'ready'],
    ['bser', 'requested'],
    ['bser', 'on-hold'],
    ['bser', 'ready'],
    ['bser', 'failed'],
  ] as const)('D9 %s has no %s', (dialect, status) => {
    expect(heard(dialect, { ...referral('sent'), status })).toBe(`referral-dialect-${dialect}`);
  });

  test.each([
    ['gravity', 'accepted', { system: bserStatus, code: '5.1.1' }],
    ['bser', 'received', { system: bserStatus, code: '7.0' }],
    ['bser', 'in-progress', { system: ownStatus, code: 'more-information' }],
    ['bser', 'in-progress', { system: bserStatus, code: '9.9' }],
  ] as const)('D9 %s in two minds: %s', (dialect, status, code) => {
    const task = { ...referral('sent'), status, businessStatus: { coding: [code] } };
    expect(heard(dialect, task)).toBe(`referral-dialect-${dialect}`);
    expect(heard(dialect, task, referral('draft'))).toBe(`referral-dialect-${dialect}`);
  });
});

describe('D9 the columns of the table', () => {
  test('has every state', () => {
    expect(d9.map(([state]) => state).sort()).toEqual([...canonicalStates].sort());
  });

  test.each(d9)('%s is said as D9 has it', (state, gravity, bser, code) => {
    expect(said('gravity', state).status).toBe(gravity);
    expect([said('bser', state).status, bserCodeOf(said('bser', state))]).toEqual([bser, code]);
  });

  test.each(spoken)('%s: every state comes back exactly from somebody who keeps our codes', (dialect) => {
    for (const state of canonicalStates) {
      expect([state, heard(dialect, said(dialect, state))]).toEqual([state, state]);
    }
  });

  test.each(spoken)('%s: what was told and comes back without our codes moves nothing', (dialect) => {
    for (const state of canonicalStates) {
      const back = withoutOurs(dialect, said(dialect, state));
      expect([state, heard(dialect, back, referral(state))]).toEqual([state, state]);
    }
  });
});

test('what is lost on a system that knows the words of its dialect only, and has no past: exactly this', () => {
  const lost = (dialect: Spoken) =>
    canonicalStates.flatMap((state) => {
      const back = heard(dialect, withoutOurs(dialect, said(dialect, state)));
      return back === state ? [] : [`${state} as ${back}`];
    });
  expect(lost('bser')).toEqual([
    'seen as sent',
    'more-information as sent',
    'waitlisted as active',
    'loop-closed as completed',
    'failed as completed',
  ]);
  expect(lost('gravity')).toEqual([
    'seen as sent',
    ...['scheduled', 'no-show', 'appointment-cancelled', 'visit-done', 'cancel-requested'].map(
      (one) => `${one} as active`,
    ),
    'waitlisted as more-information',
    'loop-closed as completed',
  ]);
});

/** Any legal history from a draft on: the states, and who made each move. */
const histories = fc.array(fc.nat(), { minLength: 1, maxLength: 12 }).map((choices) => {
  const steps: { to: CanonicalState; by: string }[] = [];
  let at: CanonicalState = 'draft';
  for (const choice of choices) {
    const ways = moves.filter(({ from }) => from === at);
    const way = ways[choice % Math.max(1, ways.length)];
    if (!way) break;
    steps.push({ to: way.to, by: way.by });
    at = way.to;
  }
  return steps;
});

test.each(spoken)('D9 %s: any legal history, told and read back step by step, reaches the same states', (dialect) => {
  fc.assert(
    fc.property(histories, (steps) => {
      let stored = referral('draft');
      for (const { to, by } of steps) {
        const wished = said(dialect, to);
        const result = hear(dialect, wished, { stored, isPerformer: by === 'performer' });
        if (!result.ok) throw new Error(result.error.issues[0]?.text);
        stored = result.value as Resource & r4.Task;
        if (dialect === 'bser' && to === 'cancelled' && by === 'requester') {
          // Row 04, which whoever does the work confirms by row 23.
          expect(stateOf(stored)).toBe('cancel-requested');
          const confirmed = hear(dialect, wished, { stored, isPerformer: true });
          expect(confirmed.ok && stateOf(confirmed.value as Resource & r4.Task)).toBe('cancelled');
          return;
        }
        expect(stateOf(stored)).toBe(to);
      }
    }),
    { numRuns: 1500 },
  );
});

test('D9 on a system with the words of its dialect only, a legal history reaches the class of states that it has a word for', () => {
  fc.assert(
    fc.property(histories, fc.constantFrom(...spoken), (steps, dialect) => {
      for (const { to } of steps) {
        const back = heard(dialect, withoutOurs(dialect, said(dialect, to)));
        expect(statesSaid(dialect, said(dialect, to).status)).toContain(back);
        expect(said(dialect, back as CanonicalState).status).toBe(said(dialect, to).status);
      }
    }),
    { numRuns: 500 },
  );
});

describe('what else a Task says', () => {
  test('codes and words of others stay; ours are put in and taken out again', () => {
    const foreign = { system: 'urn:partner', code: 'x' };
    const kept = referral('scheduled', {
      businessStatus: { coding: [{ system: bserStatus, code: '5.1.1' }, foreign], text: 'Tuesday' },
    });
    for (const dialect of spoken) {
      const back = hear(dialect, tell(dialect, kept), { isPerformer: true, stored: kept });
      expect(back.ok && back.value).toEqual(kept);
    }
    const waiting = referral('waitlisted');
    expect(said('gravity', 'waitlisted').businessStatus?.text).toMatch(/capacity/);
    const back = hear('gravity', tell('gravity', waiting), { isPerformer: true, stored: waiting });
    expect(back.ok && back.value).toEqual(waiting);
  });

  test('a code that was left standing while the status moved on says nothing', () => {
    const moved = { ...said('gravity', 'accepted'), status: 'in-progress' as const };
    expect(heard('gravity', moved, referral('accepted'))).toBe('active');
    expect(heard('bser', { ...said('bser', 'accepted'), status: 'rejected' }, referral('accepted'))).toBe('declined');
  });

  test("BSeR's undeclared 5.1 is understood as under way", () => {
    const businessStatus = { coding: [{ system: bserStatus, code: '5.1' }] };
    expect(
      heard('bser', { ...referral('accepted'), status: 'in-progress', businessStatus }, referral('waitlisted')),
    ).toBe('active');
  });

  test('the profile of Gravity is claimed where the Task has all that it asks for, and never kept', () => {
    expect(said('gravity', 'sent').meta?.profile).toEqual([gravityTask]);
    expect(said('gravity', 'sent', { authoredOn: undefined }).meta).toBeUndefined();
    const back = hear('gravity', said('gravity', 'sent'), { isPerformer: false });
    expect(back.ok && back.value.meta).toBeUndefined();
  });

  test('ordinary Tasks, and those that say two states at once, are told as they are', () => {
    const ordinary = { resourceType: 'Task', status: 'on-hold', intent: 'plan' };
    const twofold = { ...referral('accepted'), businessStatus: { coding: [{ system: bserStatus, code: '5.1.1' }] } };
    for (const dialect of spoken) {
      expect(tell(dialect, ordinary)).toBe(ordinary);
      expect(tell(dialect, twofold)).toBe(twofold);
      expect(hear(dialect, ordinary, { isPerformer: false })).toEqual({ ok: true, value: ordinary });
    }
  });
});
