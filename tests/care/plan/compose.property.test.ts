import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createCare } from '../../../src/care/care.ts';
import { loadPlan } from '../../../src/care/plan/load-plan.ts';
import { linesOf, planView } from '../../../src/fhir/plan-view.ts';
import type { Resource, r4 } from '../../../src/fhir/types.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';

const clock = { now: () => new Date('2026-11-15T12:00:00.000Z') };
const care = createCare({ clock });
let at: TestStore;
beforeAll(async () => {
  at = await createTestStore({ ...care.module });
});
afterAll(() => at.drop());

const careActor = { kind: 'system', id: 'care', requestId: 'test' } as const;
const number = fc.integer({ min: 0, max: 3 });
const site = fc.constantFrom('lakeside', 'summit', undefined);

/** What may stand in a record: few ids, so that later steps often change what earlier ones wrote. */
const status = {
  condition: fc.constantFrom('active', 'resolved', 'recurrence'),
  goal: fc.constantFrom('active', 'completed', 'proposed', 'cancelled'),
  request: fc.constantFrom('active', 'completed', 'revoked', 'draft'),
  task: fc.constantFrom('requested', 'completed', 'in-progress'),
  plan: fc.constantFrom('active', 'completed', 'revoked', 'unknown'),
};
const detail = fc.record({
  status: fc.constantFrom('scheduled', 'completed', 'unknown'),
  code: fc.record({ text: fc.constantFrom('Walk', 'Drink') }),
});
const references = (type: string) =>
  fc.array(
    number.map((n) => ({ reference: `${type}/${type}-${n}-lakeside` })),
    { maxLength: 2 },
  );

interface Write {
  resource: Resource;
  site: string | undefined;
}
const write = (resource: fc.Arbitrary<Resource>): fc.Arbitrary<Write> => fc.record({ resource, site });
const anyWrite = fc.oneof(
  write(
    fc
      .tuple(number, status.condition)
      .map(([n, code]) => a.condition(`Condition-${n}`, `${n % 2}`, { clinicalStatus: { coding: [{ code }] } })),
  ),
  write(
    fc
      .tuple(number, status.goal, references('Condition'))
      .map(([n, lifecycleStatus, addresses]) =>
        a.goal(`Goal-${n}`, 'Words', { lifecycleStatus, ...(addresses.length > 0 ? { addresses } : {}) }),
      ),
  ),
  write(
    fc
      .tuple(number, status.request)
      .map(([n, state]) => a.request(`ServiceRequest-${n}`, 'Referral', { status: state })),
  ),
  write(fc.tuple(number, status.task).map(([n, state]) => a.task(`Task-${n}`, 'Task', { status: state }))),
  write(
    fc.tuple(number, status.plan, fc.array(detail, { maxLength: 3 })).map(([n, state, details]) =>
      a.hospitalPlan(`CarePlan-${n}`, {
        status: state,
        ...(details.length > 0 ? { activity: details.map((one) => ({ detail: one })) } : {}),
      }),
    ),
  ),
);
/** What is put into the plan itself; goals also before they are there, as by a program. */
const byHand = fc.record({
  note: fc.constantFrom<r4.Annotation[] | undefined>(undefined, [{ text: 'Agreed at the visit' }]),
  goal: references('Goal'),
  contributor: fc.constantFrom<r4.Reference[]>([], [{ display: 'Grandmother' }]),
});
const step = fc.record({ writes: fc.array(anyWrite, { maxLength: 5 }), byHand });

let children = 0;

/** A child of its own for every run, so that runs do not meet. */
function placed(resource: Resource, child: string, from: string | undefined): Resource {
  const text = JSON.stringify(resource).replaceAll(`Patient/${a.childId}`, `Patient/${child}`);
  const moved: Resource = JSON.parse(
    text.replaceAll(/"(Condition|Goal|ServiceRequest|Task|CarePlan)\/([^"]+)"/g, `"$1/${child}-$2"`),
  );
  const named = { ...moved, id: `${child}-${resource.id}-${from ?? 'here'}` };
  return from === undefined ? named : a.mirrored(named, from);
}

const keysOf = (plan: r4.CarePlan | undefined): string[] =>
  [
    ...['addresses', 'goal', 'careTeam', 'supportingInfo', 'contributor'].flatMap(
      (list) => (plan as Record<string, r4.Reference[]> | undefined)?.[list] ?? [],
    ),
    ...(plan?.activity ?? []).map(({ reference }) => reference ?? {}),
  ].map((reference) => JSON.stringify(reference));

async function read(planId: string): Promise<r4.CarePlan> {
  return a.parsed(await at.store.read('CarePlan', planId));
}

async function compose(child: string) {
  const composed = await at.store.transact(careActor, (tx) => care.composePlan(tx, child));
  if (!composed.ok) throw new Error(composed.error.issues[0]?.text);
  return composed.value;
}

async function writes(all: readonly Write[], child: string): Promise<string[]> {
  const plans: string[] = [];
  for (const { resource, site: from } of all) {
    const one = placed(resource, child, resource.resourceType === 'CarePlan' ? (from ?? 'lakeside') : from);
    // A referral that is closed stays closed: that refusal is not what is looked at here.
    await a.tryPut(at.store, from === undefined && one.resourceType !== 'CarePlan' ? a.coordinator : a.syncActor, one);
    if (one.resourceType === 'CarePlan') plans.push(JSON.stringify({ reference: `CarePlan/${one.id}` }));
  }
  return plans;
}

test('composing again changes nothing, and nothing that was in a plan ever leaves it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
      children += 1;
      const child = `child-${children}`;
      await a.put(at.store, a.coordinator, { ...a.patient, id: child });
      const mirrors = new Set<string>();
      for (const { writes: all, byHand: additions } of steps) {
        for (const plan of await writes(all, child)) mirrors.add(plan);
        const { planId } = await compose(child);
        expect(await compose(child)).toEqual({ planId, outcome: 'unchanged' });
        const composed = await read(planId);
        expect(keysOf(composed)).toEqual(expect.arrayContaining([...mirrors]));
        expect(new Set(keysOf(composed)).size).toBe(keysOf(composed).length);

        const edited = { ...composed };
        if (additions.note) edited.note = additions.note;
        const added = additions.goal.filter((one) => !keysOf(composed).includes(JSON.stringify(one)));
        const goals: r4.Reference[] = [
          ...(composed.goal ?? []),
          ...new Map(added.map((one) => [one.reference, one])).values(),
        ];
        if (goals.length > 0) edited.goal = goals;
        if (additions.contributor.length > 0 && !composed.contributor?.some(({ display }) => display)) {
          edited.contributor = [...(composed.contributor ?? []), ...additions.contributor];
        }
        await a.put(at.store, a.program, { ...edited });
        await compose(child);
        const after = await read(planId);
        expect(keysOf(after)).toEqual(expect.arrayContaining(keysOf(edited)));
        expect(after.note).toEqual(edited.note);
        await expectWholeView(planId, after);
      }
    }),
    { numRuns: 25 },
  );
});

/** Whatever the plan points to is found in the view, or is folded into a referral there. */
async function expectWholeView(planId: string, plan: r4.CarePlan): Promise<void> {
  const resources = await loadPlan(at.store, planId);
  if (!resources.ok) throw new Error('the plan could not be loaded');
  const view = planView(planId, resources.value);
  if (!view) throw new Error('no view');
  const wanted = [
    ...(plan.addresses ?? []),
    ...(plan.goal ?? []),
    ...(plan.activity ?? []).map(({ reference }) => reference ?? {}),
  ];
  const shown = linesOf(view).map(({ reference }) => reference);
  expect(shown).toEqual(expect.arrayContaining(wanted.map(({ reference }) => reference)));
}
