import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { systemClock } from '../../../src/base/clock.ts';
import { createCare } from '../../../src/care/care.ts';
import {
  type CanonicalState,
  canonicalStates,
  stateOf,
  statusFor,
} from '../../../src/care/referral/canonical-state.ts';
import { isLegal, moves, type Party } from '../../../src/care/referral/moves.ts';
import type { Resource, r4 } from '../../../src/fhir/types.ts';
import type { Actor } from '../../../src/store/types.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';
import { enlist } from '../support/people.ts';

const { checks, effects, conclusions } = createCare({ clock: systemClock }).module;
let at: TestStore;
beforeAll(async () => {
  at = await createTestStore({ checks, effects, conclusions });
  await enlist(at.store, 'Practitioner/asks', 'Practitioner/does', 'Organization/asks', 'Organization/does');
  await a.put(at.store, a.coordinator, a.request('r', 'Food'));
  await at.store.query(
    `INSERT INTO referral_partner (client_id, dialect, acts_for) VALUES ('asks', 'gravity', '{Organization/asks}'),
      ('does', 'gravity', '{Organization/does}'), ('both', 'fhir', '{Organization/asks,Organization/does}'), ('other', 'bser', '{Organization/x}')`,
  );
});
afterAll(() => at.drop());

const user = (id: string): Actor => ({ kind: 'user', id, requestId: 'test' });
const client = (id: string): Actor => ({ kind: 'client', id, requestId: 'test' });
const staff: readonly Party[] = ['requester', 'performer', 'administrator'];

/** Who writes, and as what they may act where people are named, and where organizations are: by hand. */
const writers: readonly (readonly [Actor, people: readonly Party[], organizations: readonly Party[]])[] = [
  [user('Practitioner/asks'), ['requester', 'administrator'], staff],
  [user('Practitioner/does'), ['performer', 'administrator'], staff],
  [user('Practitioner/coordinates'), staff, staff],
  [user('RelatedPerson/mother'), ['family'], ['family']],
  [user('Patient/child-1'), ['family'], ['family']],
  [client('registry'), staff, staff],
  [client('asks'), [], ['requester']],
  [client('does'), [], ['performer']],
  [client('both'), [], ['requester', 'performer']],
  [client('other'), [], []],
];

/** Any state, or one that somebody might go to from here: else few histories would come far. */
function targetFrom(from: CanonicalState, isSensible: boolean, choice: number): CanonicalState {
  const ways = moves.filter((move) => move.from === from && move.to !== 'entered-in-error').map(({ to }) => to);
  const among = isSensible && ways.length > 0 ? ways : canonicalStates;
  return among[choice % among.length] ?? from;
}

let made = 0;
test('D9 random writers and wishes, through the store: every legal move is made, every other leaves the referral where it was', async () => {
  const wish = fc.tuple(fc.constantFrom(...writers), fc.boolean(), fc.nat());
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(wish, { minLength: 5, maxLength: 25 }), async (isOfPeople, wishes) => {
      made += 1;
      const id = `t${made}`;
      const type = isOfPeople ? 'Practitioner' : 'Organization';
      const parties = { requester: { reference: `${type}/asks` }, owner: { reference: `${type}/does` } };
      const said = { statusReason: { text: 'Because' }, note: [{ text: 'Went well' }] };
      const task = (state: CanonicalState) =>
        a.task(id, 'x', { focus: { reference: 'ServiceRequest/r' }, ...parties, ...said, ...statusFor(state) });
      await a.put(at.store, a.coordinator, task('draft'));
      let state: CanonicalState = 'draft';
      for (const [[actor, people, organizations], isSensible, choice] of wishes) {
        const to = targetFrom(state, isSensible, choice);
        const mayMove = isLegal(state, to, isOfPeople ? people : organizations);
        const written = await a.tryPut(at.store, actor, task(to));
        expect([state, to, actor.id, a.refusedBy(written)]).toEqual([
          ...[state, to, actor.id],
          mayMove ? undefined : 'referral-move',
        ]);
        if (mayMove) state = to;
        expect(stateOf(a.parsed<Resource & r4.Task>(await at.store.read('Task', id)))).toBe(state);
      }
    }),
    { numRuns: 25 },
  );
}, 60_000);
