import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { systemClock } from '../../../src/base/clock.ts';
import { createCare } from '../../../src/care/care.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import type { Actor } from '../../../src/store/types.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';

const { checks, conclusions } = createCare({ clock: systemClock }).module;
let at: TestStore;
beforeAll(async () => {
  at = await createTestStore({ checks, conclusions });
  const category = [
    { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/careplan-category', code: 'shared-plan-of-care' }] },
  ];
  const patient = { ...a.patient, generalPractitioner: [{ reference: 'Practitioner/doctor' }] };
  await a.put(at.store, a.coordinator, patient, a.goal('line', 'Ride'));
  await a.put(at.store, a.coordinator, { ...a.hospitalPlan('plan', { category }), goal: [{ reference: 'Goal/line' }] });
});
afterAll(() => at.drop());

const part = (name: string, value: object) => ({
  type: { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/plan-proposal', code: name }] },
  ...value,
});
const people = {
  mother: { kind: 'user', id: 'RelatedPerson/mother', requestId: 't' },
  father: { kind: 'user', id: 'RelatedPerson/father', requestId: 't' },
  doctor: { kind: 'user', id: 'Practitioner/doctor', requestId: 't' },
  machine: { kind: 'client', id: 'app', requestId: 't' },
} as const satisfies Record<string, Actor>;
type Who = keyof typeof people;

const fresh = (id: string): Resource => ({
  ...a.task(id, '', {
    intent: 'proposal',
    basedOn: [{ reference: 'CarePlan/plan' }],
    focus: { reference: 'CarePlan/plan' },
  }),
  description: undefined,
  code: { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/care-task', code: 'plan-change' }] },
  reasonCode: { text: 'in her own words' },
  requester: { reference: people.mother.id },
  input: [part('action', { valueCode: 'comment' })],
});

const step = fc.record({
  by: fc.constantFrom<Who[]>('mother', 'father', 'doctor', 'machine'),
  status: fc.constantFrom(
    'draft',
    'requested',
    'received',
    'accepted',
    'on-hold',
    'completed',
    'rejected',
    'cancelled',
  ),
  answer: fc.option(fc.constantFrom('accept', 'reject'), { nil: undefined }),
  answeredBy: fc.constantFrom<Who[]>('mother', 'doctor'),
  reason: fc.boolean(),
  keepsNotes: fc.boolean(),
  changesWords: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function attempted(task: any, one: Step, number: number): Resource {
  const note = { text: `step ${number}` };
  return {
    ...task,
    status: one.status,
    note: one.keepsNotes ? [...(task.note ?? []), note] : [note],
    ...(one.changesWords && { reasonCode: { text: `other ${number}` } }),
    ...(one.reason && { statusReason: { text: 'because' } }),
    ...(one.answer && {
      output: [
        part('answer', { valueCode: one.answer }),
        part('answered-by', { valueReference: { reference: people[one.answeredBy].id } }),
      ],
    }),
  };
}

const over = new Set(['completed', 'rejected', 'cancelled']);
let count = 0;

test('whatever anybody tries with a proposal, words and opinions stay, and an end has an answer and is an end', async () => {
  const reached = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      count += 1;
      const id = `p-${count}`;
      await a.put(at.store, people.mother, JSON.parse(JSON.stringify(fresh(id))));
      let task: any = a.parsed(await at.store.read('Task', id));
      for (const [number, one] of steps.entries()) {
        const before = task;
        const tried = attempted(task, one, number);
        const written = await a.tryPut(at.store, people[one.by], tried);
        task = a.parsed(await at.store.read('Task', id));
        if (!written.ok) {
          expect(task).toEqual(before);
          continue;
        }
        expect(task.reasonCode.text).toBe('in her own words');
        for (const { text } of before.note ?? []) expect(task.note.map((each: any) => each.text)).toContain(text);
        if (over.has(before.status)) expect(task.status).toBe(before.status);
        if (task.status !== before.status) judgeMove(task, one);
        reached.add(task.status);
      }
    }),
    { numRuns: 80, seed: 7 },
  );
  expect([...reached]).toEqual(expect.arrayContaining(['completed', 'rejected', 'cancelled', 'received', 'on-hold']));
});

/** What the rules promise, said once more in other words. */
function judgeMove(task: any, { by, answeredBy, answer, reason }: Step): void {
  expect(['draft', 'accepted']).not.toContain(task.status);
  if (task.status === 'cancelled') expect(['mother', 'machine']).toContain(by);
  if (task.status !== 'completed' && task.status !== 'rejected') return;
  expect(answer ?? task.output?.[0].valueCode).toBe(task.status === 'completed' ? 'accept' : 'reject');
  expect(['doctor', 'machine']).toContain(by);
  if (answer) expect(answeredBy).toBe('doctor');
  if (task.status === 'rejected') expect(reason || task.statusReason !== undefined).toBe(true);
}
