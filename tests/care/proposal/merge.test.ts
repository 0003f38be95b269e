import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addFamily, type Family, goalOf, openFamily, whole, words } from './support/family.ts';

let at: Family;
beforeAll(async () => {
  at = await openFamily();
}, 60_000);
afterAll(() => at?.house.shut());

const version = (plan: any) => ({ name: 'version', valueInteger: Number(plan.meta.versionId) });
const references = (list: any[] = []) => list.map(({ reference }) => reference);

async function newGoals(family: Omit<Family, 'house'>, count: number): Promise<string[]> {
  const made: string[] = [];
  for (let at_ = 0; at_ < count; at_ += 1) {
    const answer = await at.house.as('system', 'POST', '/Goal', goalOf(family.child, `goal ${at_}`));
    made.push(`Goal/${answer.json.id}`);
  }
  return made;
}

describe('edits of one plan at the same time', () => {
  test('three people lose nothing: each line of each of them stands there once', async () => {
    const family = await addFamily(at.house);
    const people = [family.lead, family.doctor, 'Practitioner/third'];
    const goals = await newGoals(family, 12);
    const start = await family.read(family.plan);
    const edit = async (who: string, mine: string[]) => {
      const edited = { ...start, goal: [...start.goal, ...mine.map((reference) => ({ reference }))] };
      edited.note = [{ authorReference: { reference: who }, text: `by ${who}` }];
      return family.operation(who, `${family.plan}/$merge`, [version(start), whole('resource', edited)]);
    };
    const answers = await Promise.all(people.map((who, at_) => edit(who, goals.slice(at_ * 4, at_ * 4 + 4))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const after = await family.read(family.plan);
    expect(references(after.goal).sort()).toEqual([family.goal, ...goals].sort());
    expect(after.note.map(({ text }: any) => text).sort()).toEqual(people.map((who) => `by ${who}`).sort());
    const history = await at.house.as('system', 'GET', `/${family.plan}/_history`);
    expect(history.json.total).toBeGreaterThanOrEqual(Number(start.meta.versionId) + 3);
  });

  test('without merging, If-Match lets one of them through and tells the others', async () => {
    const family = await addFamily(at.house);
    const start = await family.read(family.plan);
    const put = (title: string) =>
      at.house.as(
        family.lead,
        'PUT',
        `/${family.plan}`,
        { ...start, title },
        { 'If-Match': `W/"${start.meta.versionId}"` },
      );
    const answers = await Promise.all(['A', 'B', 'C'].map(put));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
  });

  test('what two changed differently is a 412 that names it, and the first stays', async () => {
    const family = await addFamily(at.house);
    const start = await family.read(family.plan);
    const merge = (who: string, title: string) =>
      family.operation(who, `${family.plan}/$merge`, [version(start), whole('resource', { ...start, title })]);
    expect((await merge(family.lead, 'Plan for the winter')).status).toBe(200);
    const refused = await merge(family.doctor, 'Asthma plan');
    expect([refused.status, refused.json.issue[0].expression]).toEqual([412, ['CarePlan.title']]);
    expect((await family.read(family.plan)).title).toBe('Plan for the winter');
  });

  test('goes through every rule: what no PUT may write, no merge writes', async () => {
    const family = await addFamily(at.house);
    const start = await family.read(family.plan);
    const broken = { ...start, intent: 'order' };
    const refused = await family.operation(family.lead, `${family.plan}/$merge`, [
      version(start),
      whole('resource', broken),
    ]);
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('shared-plan-shape')]);
  });
});

describe('what is refused', () => {
  test.each<[string, (plan: any) => object[], number]>([
    ['without a version', (plan) => [whole('resource', plan)], 400],
    ['a version that is none', (plan) => [words('version', 'x'), whole('resource', plan)], 400],
    ['a version of the future', (plan) => [{ name: 'version', valueInteger: 99 }, whole('resource', plan)], 422],
    ['without a plan', (plan) => [version(plan)], 400],
    ['another resource', (plan) => [version(plan), whole('resource', { ...plan, resourceType: 'Goal' })], 400],
    ['another plan', (plan) => [version(plan), whole('resource', { ...plan, id: 'x' })], 400],
    ['a part', (plan) => [version(plan), whole('resource', { ...plan, meta: { tag: [{ code: 'SUBSETTED' }] } })], 422],
  ])('%s', async (_, parameters, status) => {
    const plan = await at.read(at.plan);
    expect((await at.operation(at.lead, `${at.plan}/$merge`, parameters(plan))).status).toBe(status);
    expect((await at.read(at.plan)).meta.versionId).toBe(plan.meta.versionId);
  });

  test('from a family, which changes no plans, and of a plan that is not there for the caller', async () => {
    const plan = await at.read(at.plan);
    const edited = [version(plan), whole('resource', { ...plan, title: 'Ours' })];
    const mother = await at.operation(at.mother, `${at.plan}/$merge`, edited);
    const bare = [version(plan), whole('resource', { resourceType: 'CarePlan' })];
    const stranger = await at.operation(at.stranger, `${at.plan}/$merge`, bare);
    const absent = await at.operation(at.stranger, 'CarePlan/never-was/$merge', bare);
    expect([mother.status, stranger.status, stranger.text]).toEqual([404, 404, absent.text]);
    expect((await at.read(at.plan)).meta.versionId).toBe(plan.meta.versionId);
  });
});
