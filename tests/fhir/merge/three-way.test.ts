import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJson, stringifyJson } from '../../../src/fhir/json.ts';
import { mergeResources } from '../../../src/fhir/merge/three-way.ts';
import type { Resource } from '../../../src/fhir/types.ts';

const plan = (more: object = {}): Resource => ({ resourceType: 'CarePlan', id: 'p', status: 'active', ...more });
const to = (...ids: string[]) => ids.map((id) => ({ reference: `Goal/${id}` }));

describe('what cannot be merged', () => {
  test.each([
    ['a text that both changed', { title: 'A' }, { title: 'B' }, { title: 'C' }, ['CarePlan.title']],
    ['a text that one took out', { title: 'A' }, {}, { title: 'C' }, ['CarePlan.title']],
    ['an element that both made anew', {}, { period: { start: '1' } }, { period: { start: '2' } }, ['CarePlan.period']],
    [
      'a part of an element',
      { period: { start: '1' } },
      { period: { start: '2' } },
      { period: { start: '3' } },
      ['CarePlan.period.start'],
    ],
    [
      'a line that one took out and the other changed',
      { activity: [{ reference: { reference: 'Task/1' } }] },
      {},
      { activity: [{ reference: { reference: 'Task/1' }, progress: [{ text: 'x' }] }] },
      ['CarePlan.activity[0]'],
    ],
    [
      'a note that both reworded',
      { note: [{ text: 'a' }] },
      { note: [{ text: 'b' }] },
      { note: [{ text: 'c' }] },
      ['CarePlan.note'],
    ],
    [
      'a list with a list beside it',
      { x: ['a'], _x: [{ id: '1' }] },
      { x: ['b'], _x: [{ id: '1' }] },
      { x: ['a', 'c'], _x: [{ id: '1' }, null] },
      ['CarePlan.x'],
    ],
  ])('%s is named, and what is current is kept', (_, base, current, wanted, conflicts) => {
    const merged = mergeResources(plan(base), plan(current), plan(wanted));
    expect(merged.conflicts).toEqual(conflicts);
    expect(merged.resource).toEqual(plan(current));
  });

  test('one answer that both gave for one person differently is a conflict, two persons’ answers are not', () => {
    const answer = (who: string, status: string) => ({
      url: 'http://x/acceptance',
      extension: [
        { url: 'individual', valueReference: { reference: who } },
        { url: 'status', valueCode: status },
      ],
    });
    const [mother, doctor] = ['RelatedPerson/m', 'Practitioner/d'];
    const base = plan({ extension: [answer(mother, 'pending'), answer(doctor, 'pending')] });
    const current = plan({ extension: [answer(mother, 'agree'), answer(doctor, 'pending')] });
    const apart = mergeResources(
      base,
      current,
      plan({ extension: [answer(mother, 'pending'), answer(doctor, 'agree')] }),
    );
    expect(apart).toEqual({
      conflicts: [],
      resource: plan({ extension: [answer(mother, 'agree'), answer(doctor, 'agree')] }),
    });
    const both = mergeResources(
      base,
      current,
      plan({ extension: [answer(mother, 'disagree'), answer(doctor, 'pending')] }),
    );
    expect(both.conflicts).toHaveLength(1);
  });
});

describe('what can', () => {
  test('three elements of two people, and a line each, stand together', () => {
    const base = plan({ title: 'A', goal: to('1', '2'), note: [{ text: 'n' }] });
    const current = plan({ title: 'B', goal: to('1', '2', '3'), note: [{ text: 'n' }] });
    const wanted = plan({ title: 'A', goal: to('2', '4'), note: [{ text: 'n' }, { text: 'm' }], description: 'D' });
    expect(mergeResources(base, current, wanted)).toEqual({
      conflicts: [],
      resource: plan({ title: 'B', goal: to('2', '3', '4'), note: [{ text: 'n' }, { text: 'm' }], description: 'D' }),
    });
  });

  test('the same line that both added stands there once, whatever it is called', () => {
    const [one, other] = [{ reference: 'Goal/9', display: 'A' }, { reference: 'Goal/9' }];
    const merged = mergeResources(plan(), plan({ goal: [one] }), plan({ goal: [other] }));
    expect(merged).toEqual({ conflicts: [], resource: plan({ goal: [one] }) });
  });

  test.each([
    ['generated', undefined],
    ['additional', { status: 'additional', div: '<div>A</div>' }],
  ])('a narrative that is %s goes with what it said, or stays', (status, left) => {
    const text = { status, div: '<div>A</div>' };
    const { resource } = mergeResources(plan({ title: 'A', text }), plan({ title: 'A', text }), plan({ title: 'B' }));
    expect(resource).toEqual(plan({ title: 'B', ...(left && { text: left }) }));
    const same = plan({ title: 'A', text });
    expect(mergeResources(same, same, plan({ title: 'A' })).resource).toEqual(same);
  });

  test('digits and meta stay as they are', () => {
    const text = (title: string) =>
      `{"resourceType":"CarePlan","id":"p","meta":{"versionId":"7"},"title":"${title}","x":{"value":1.10}}`;
    const parsed = (from: string) => parseJson(from) as Resource;
    const wanted = { ...parsed(text('A')), meta: { versionId: '1' }, description: 'D' };
    const merged = mergeResources(parsed(text('A')), parsed(text('B')), wanted);
    expect(merged.conflicts).toEqual([]);
    expect(stringifyJson(merged.resource)).toBe(text('B').replace(/}$/, ',"description":"D"}'));
  });
});

/** A plan whose lines are known by number, and what two people do to it: take lines out, add lines, change a title. */
const numbers = fc.uniqueArray(fc.nat({ max: 30 }), { maxLength: 8 });
const edit = fc.record({ out: fc.uniqueArray(fc.nat({ max: 30 })), added: numbers, title: fc.boolean() });
type Edit = { out: number[]; added: number[]; title: boolean };

function edited(
  lines: readonly number[],
  { out, added, title }: Edit,
  by: string,
): { lines: number[]; plan: Resource } {
  const kept = lines.filter((line) => !out.includes(line));
  const all = [...kept, ...added.filter((line) => !kept.includes(line))];
  return { lines: all, plan: planOf(all, title ? `by ${by}` : 'Shared plan', [`note of ${by}`]) };
}

function planOf(lines: readonly number[], title: string, notes: readonly string[] = []): Resource {
  return plan({
    title,
    ...(lines.length > 0 && { goal: to(...lines.map(String)) }),
    ...(lines.length > 0 && { activity: lines.map((line) => ({ reference: { reference: `Task/${line}` } })) }),
    ...(notes.length > 0 && { note: notes.map((text) => ({ text })) }),
  });
}

const linesOf = (resource: Resource) =>
  ((resource.goal as { reference: string }[]) ?? []).map(({ reference }) => reference);

describe('whatever two people do to lists', () => {
  test('no line is lost and none is doubled, and the order of the two does not matter', () => {
    fc.assert(
      fc.property(numbers, edit, edit, (lines, first, second) => {
        const base = planOf(lines, 'Shared plan');
        const [a, b] = [edited(lines, first, 'a'), edited(lines, second, 'b')];
        const merged = mergeResources(base, a.plan, b.plan);
        const expected = new Set([
          ...lines.filter((line) => a.lines.includes(line) && b.lines.includes(line)),
          ...a.lines.filter((line) => !lines.includes(line)),
          ...b.lines.filter((line) => !lines.includes(line)),
        ]);
        const found = linesOf(merged.resource);
        expect(new Set(found)).toEqual(new Set(to(...[...expected].map(String)).map(({ reference }) => reference)));
        expect(found).toHaveLength(expected.size);
        expect(merged.resource.note).toEqual([{ text: 'note of a' }, { text: 'note of b' }]);
        expect(merged.conflicts).toEqual(first.title && second.title ? ['CarePlan.title'] : []);
        const turned = mergeResources(base, b.plan, a.plan);
        expect(new Set(linesOf(turned.resource))).toEqual(new Set(found));
      }),
    );
  });

  test('without another’s change it is what was wanted; what was wanted already changes nothing', () => {
    fc.assert(
      fc.property(numbers, edit, (lines, one) => {
        const base = planOf(lines, 'Shared plan');
        const { plan: wanted } = edited(lines, one, 'a');
        expect(mergeResources(base, base, wanted)).toEqual({ conflicts: [], resource: wanted });
        expect(mergeResources(base, wanted, wanted)).toEqual({ conflicts: [], resource: wanted });
        expect(mergeResources(base, wanted, base)).toEqual({ conflicts: [], resource: wanted });
      }),
    );
  });
});
