import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { addFamily, type Family, openFamily } from '../proposal/support/family.ts';
import { text } from '../referral/support/referred.ts';

/** Three people write one shared plan at the same time, each from what they have read. */
let at: Family;
let third: string;
beforeAll(async () => {
  at = await openFamily();
  third = `${at.doctor}-third`;
}, 60_000);
beforeEach(async () => {
  at = { house: at.house, ...(await addFamily(at.house)) };
});
afterAll(() => at?.house.shut());

const people = () => [at.lead, at.doctor, third];
const noted = (plan: any): string[] => (plan.note ?? []).map((one: any) => one.text);

/** What each of them wrote, all at once. */
async function write(more: (who: string) => { method: string; body: any; headers?: Record<string, string> }) {
  const answers = people().map((who) => {
    const { method, body, headers } = more(who);
    return at.house.as(who, method, `/${at.plan}`, body, headers);
  });
  return Promise.all(answers);
}
const withNote = (plan: any, who: string) => ({ ...plan, note: [...(plan.note ?? []), { text: who }] });

describe('three people edit one plan at once', () => {
  test('by PUT with If-Match one gets through, the others are told, and who repeats it on what is there loses nothing', async () => {
    const plan = await at.read(at.plan);
    const headers = { 'If-Match': `W/"${plan.meta.versionId}"` };
    const answers = await write((who) => ({ method: 'PUT', body: withNote(plan, who), headers }));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
    for (const [place, who] of people().entries()) {
      if (answers[place]?.status === 200) continue;
      const now = await at.read(at.plan);
      expect((await at.house.as(who, 'PUT', `/${at.plan}`, withNote(now, who))).status).toBe(200);
    }
    expect(noted(await at.read(at.plan)).sort()).toEqual(people().sort());
  });

  test('by PUT without If-Match what they read tells of itself, and no line is overwritten unseen', async () => {
    const plan = await at.read(at.plan);
    const answers = await write((who) => ({ method: 'PUT', body: withNote(plan, who) }));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
    const refused = answers.find(({ status }) => status === 412);
    expect(text(refused as never)).toMatch(/has changed since the version you named. Read it again/);
    expect(noted(await at.read(at.plan))).toHaveLength(1);
    const entry = [{ resource: withNote(plan, 'late'), request: { method: 'PUT', url: at.plan } }];
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
    expect((await at.house.as(at.lead, 'POST', '', bundle)).status).toBe(412);
  });

  test('by PATCH of lines of their own all three are there', async () => {
    await at.house.as(at.lead, 'PUT', `/${at.plan}`, withNote(await at.read(at.plan), 'first'));
    const patch = (who: string) => [{ op: 'add', path: '/note/-', value: { text: who } }];
    const headers = { 'Content-Type': 'application/json-patch+json' };
    const answers = await write((who) => ({ method: 'PATCH', body: patch(who), headers }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(noted(await at.read(at.plan)).sort()).toEqual(['first', ...people()].sort());
  });

  test('by $merge from one version, lines and elements that one of them changed are taken from that one', async () => {
    const plan = await at.read(at.plan);
    const [first = '', second = ''] = people();
    const wishes = [
      { ...withNote(plan, first) },
      { ...plan, title: 'Our plan' },
      { ...plan, description: 'For Robin' },
    ];
    const version = { name: 'version', valueString: plan.meta.versionId };
    const merged = people().map((who, place) =>
      at.operation(who, `${at.plan}/$merge`, [version, { name: 'resource', resource: wishes[place] }]),
    );
    expect((await Promise.all(merged)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await at.read(at.plan)).toMatchObject({
      title: 'Our plan',
      description: 'For Robin',
      note: [{ text: first }],
    });
    const same = { ...plan, title: 'Another' };
    const refused = await at.operation(second, `${at.plan}/$merge`, [version, { name: 'resource', resource: same }]);
    expect([refused.status, text(refused)]).toEqual([
      412,
      expect.stringMatching(/CarePlan.title. Nothing was written/),
    ]);
  });

  test('a person who does not say which version was read is refused, by PUT and in a transaction; a patch says what it changes', async () => {
    const { meta, ...bare } = await at.read(at.plan);
    const words = expect.stringMatching(/Several people edit this CarePlan\. Say which version you have read/);
    for (const unsaid of [{}, { meta: { lastUpdated: meta.lastUpdated } }, { meta: { versionId: 'old' } }]) {
      const plan = { ...bare, ...unsaid, title: 'One' };
      const put = await at.house.as(at.lead, 'PUT', `/${at.plan}`, plan);
      expect([put.status, text(put)]).toEqual([412, words]);
      const entry = [{ resource: plan, request: { method: 'PUT', url: at.plan } }];
      const sent = await at.house.as(at.lead, 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
      expect([sent.status, text(sent)]).toEqual([412, words]);
    }
    expect((await at.read(at.plan)).meta.versionId).toBe(meta.versionId);
    const patch = [{ op: 'replace', path: '/title', value: 'One' }];
    const type = { 'Content-Type': 'application/json-patch+json' };
    expect((await at.house.as(at.lead, 'PATCH', `/${at.plan}`, patch, type)).status).toBe(200);
  });

  test('a system that keeps a plan for others is stored as it sends', async () => {
    const { meta: _meta, ...bare } = await at.read(at.plan);
    const old = { ...bare, meta: { versionId: '1' }, title: 'Two' };
    expect((await at.house.as('system', 'PUT', `/${at.plan}`, old)).status).toBe(200);
  });
});
