import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/base/clock.ts';
import { createCare } from '../../../src/care/care.ts';
import { cardDetail } from '../../../src/exchange/cds/card-detail.ts';
import { markdownText, shortened } from '../../../src/exchange/cds/card-text.ts';
import { createExchange } from '../../../src/exchange/exchange.ts';
import type { ProblemView } from '../../../src/fhir/plan-view.ts';
import type { CdsCard } from '../../../src/module.ts';
import * as a from '../../care/support/child.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';

const care = createCare({ clock: systemClock });
const { module } = createExchange({ clock: systemClock, publicUrl: 'https://plans.example' });
let at: TestStore;
beforeAll(async () => {
  at = await createTestStore({ ...care.module });
  await a.put(at.store, a.coordinator, a.patient);
});
afterAll(() => at.drop());

async function cards(patientId = a.childId): Promise<CdsCard[]> {
  const answer = await module.hooks?.[0]?.cards({ patientId, store: at.store });
  if (!answer?.ok) throw new Error('no cards');
  return answer.value;
}

describe('careweave-shared-plan', () => {
  test('has no card for a child who is unknown or has no plan', async () => {
    expect(await cards('nobody')).toEqual([]);
    expect(await cards()).toEqual([]);
  });

  test('answers with one card, the same one until the plan changes', async () => {
    const words = `Go to camp, ${'and swim '.repeat(20)}`;
    const family = a.goal('family', words, { expressedBy: { reference: 'Patient/child-1' } });
    const secret = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' }] };
    await a.put(
      at.store,
      a.coordinator,
      family,
      a.goal('secret', 'Hidden words', { meta: secret }),
      a.condition('asthma', '1'),
      a.request('clinic', 'Clinic'),
    );
    const compose = () =>
      at.store.transact({ kind: 'system', id: 'care', requestId: 'test' }, (tx) => care.composePlan(tx, a.childId));
    await compose();
    const [card, ...others] = await cards();
    expect(others).toEqual([]);
    expect(card?.summary).toMatch(
      /^Shared plan: 1 problem, 1 goal, 1 open referral; what matters to the family: Go to camp, .*…$/,
    );
    expect(card?.summary.length).toBeLessThan(140);
    expect(card).toMatchObject({
      indicator: 'info',
      source: { label: 'Careweave' },
      links: [{ type: 'smart', url: 'https://plans.example/launch' }],
    });
    expect(JSON.stringify(card)).not.toContain('Hidden');
    expect(await cards()).toEqual([card]);
    const never = a.request('never', 'Intubate from above', { doNotPerform: true });
    await a.put(at.store, a.coordinator, a.request('second', 'Second clinic'), never);
    await compose();
    const [changed] = await cards();
    expect(changed?.uuid).not.toBe(card?.uuid);
    expect(changed?.detail).toContain('Second clinic');
    // What must not be done is no referral that somebody could take.
    expect(changed?.summary).toContain('2 open referrals');
    expect(changed?.detail).toContain('- DO NOT: Intubate from above');
    expect(changed?.detail).not.toContain('Referral: DO NOT');
  });
});

describe('the text of a card', () => {
  test('cannot become a link, an image, a heading or HTML', () => {
    const text = markdownText('# [x](http://evil.example) <img src=x> `a` *b* ![i](j)\n- c', 500);
    expect(text).toBe(
      '\\# \\[x\\]\\(http\\://evil\\.example\\) \\<img src=x\\> \\`a\\` \\*b\\* \\!\\[i\\]\\(j\\) \\- c',
    );
  });

  test('is cut between characters', () => {
    expect(shortened('👩‍👧👩‍👧', 5)).toBe('👩‍…');
    expect(shortened('short', 5)).toBe('short');
  });

  test('is bounded, and says what it leaves out', () => {
    const source = { kind: 'here' as const, label: 'x' };
    const line = (n: number) => ({
      reference: `Task/${n}`,
      text: 'word '.repeat(100),
      status: 'requested',
      open: true,
      source,
    });
    const problem = (n: number): ProblemView => ({
      key: `${n}`,
      title: `Problem ${n}`,
      active: true,
      members: [],
      goals: [],
      actions: Array.from({ length: 50 }, (_, i) => line(i)),
      referrals: [],
    });
    const problems = Array.from({ length: 100 }, (_, n) => problem(n));
    const view = {
      reference: 'CarePlan/1',
      title: 't',
      status: 'active',
      child: { reference: 'Patient/1', name: 'n' },
      counts: { problems: 100, goals: 0, actions: 0, referrals: 0 },
      familyGoals: [],
      problems,
      unlinked: { goals: [], actions: [], referrals: [] },
      team: [],
      contributors: [],
      hospitalPlans: [],
      sources: [],
      review: { agreed: [] },
      sections: [],
    };
    const detail = cardDetail(view);
    expect(detail.length).toBeLessThan(6000);
    expect(detail).toContain('and 92 more problems');
    expect(detail).toContain('and 46 more lines');
  });
});
