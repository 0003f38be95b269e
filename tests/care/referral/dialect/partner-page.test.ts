import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import {
  bserStatus,
  type CanonicalState,
  canonicalStates,
  ownStatus,
  statusFor,
} from '../../../../src/care/referral/canonical-state.ts';
import { told } from '../../../../src/care/referral/dialect/words.ts';

/** The words that the page for partners has for a state; “draft” and mistakes are nothing to receive. */
const named: Partial<Record<string, CanonicalState>> = {
  'more information wanted': 'more-information',
  'under way': 'active',
  'appointment made': 'scheduled',
  'was not there': 'no-show',
  'appointment cancelled': 'appointment-cancelled',
  'visit held': 'visit-done',
  'on the waiting list': 'waitlisted',
  'cancellation asked for': 'cancel-requested',
  'loop closed': 'loop-closed',
};

test('D9 the table on the page for partners is the one that the code goes by', () => {
  const page = readFileSync(path.join(import.meta.dirname, '../../../../docs/referrals.md'), 'utf8');
  const rows = [...page.matchAll(/^\| ([a-z ]+) \| (`[^|]+) \| (`[^|]+) \| (`[^|]+) \|$/gm)].map(
    ([, ...cells]) => cells,
  );
  const states = rows.map(([name = '']) => named[name] ?? (name as CanonicalState));
  expect(states.toSorted()).toEqual(
    canonicalStates.filter((one) => one !== 'draft' && one !== 'entered-in-error').toSorted(),
  );
  const bserCode = (state: CanonicalState) =>
    told('bser', state).coding.find(({ system }) => system === bserStatus)?.code;
  for (const [at, state] of states.entries()) {
    const { status, businessStatus } = statusFor(state);
    const kept = (businessStatus?.coding ?? []).flatMap(({ system, code }) =>
      system === ownStatus ? `*${code}*` : (code ?? []),
    );
    // Where BSeR's code says it, ours is not on the page.
    const shown = kept.filter((code) => !code.startsWith('*') || kept.length === 1);
    const code = bserCode(state);
    expect([state, ...(rows[at] ?? []).slice(1)]).toEqual([
      state,
      [`\`${status}\``, ...shown].join(' '),
      `\`${told('gravity', state).status}\``,
      [`\`${told('bser', state).status}\``, ...(code === undefined ? [] : [code])].join(' '),
    ]);
  }
});
