import { describe, expect, test } from '@jest/globals';
import { mirrorSource } from '../../../src/fhir/mirror.ts';
import { ageText, linesOf, planView } from '../../../src/fhir/plan-view.ts';
import type { Resource } from '../../../src/fhir/types.ts';

const subject = { reference: 'Patient/1' };
const active = { coding: [{ code: 'active' }] };
const confidential = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] };
const patient: Resource = {
  resourceType: 'Patient',
  id: '1',
  name: [{ given: ['Robin'], family: 'Example' }],
  birthDate: '2024-01-31',
};
const condition = (id: string, code: string, more: object = {}): Resource => ({
  resourceType: 'Condition',
  id,
  clinicalStatus: active,
  verificationStatus: { coding: [{ code: 'confirmed' }] },
  code: { coding: [{ system: 's', code }], text: `Problem ${code}` },
  subject,
  ...more,
});
const at = (site: string, resource: Resource): Resource => ({
  ...resource,
  meta: { source: mirrorSource(site, resource.resourceType, resource.id ?? '') },
});
const goal = (id: string, more: object = {}): Resource => ({
  resourceType: 'Goal',
  id,
  lifecycleStatus: 'active',
  description: { text: id },
  subject,
  ...more,
});
const request = (id: string, more: object = {}): Resource => ({
  resourceType: 'ServiceRequest',
  id,
  status: 'active',
  intent: 'order',
  code: { text: id },
  subject,
  ...more,
});
const task = (id: string, more: object = {}): Resource => ({
  resourceType: 'Task',
  id,
  status: 'requested',
  intent: 'plan',
  description: id,
  for: subject,
  ...more,
});

function refs(...resources: Resource[]) {
  return resources.map(({ resourceType, id }) => ({ reference: `${resourceType}/${id}` }));
}

/** A plan that points to all of them. */
function planOf(...resources: Resource[]): Resource {
  const of = (...types: string[]) => refs(...resources.filter(({ resourceType }) => types.includes(resourceType)));
  return {
    resourceType: 'CarePlan',
    id: 'plan',
    status: 'active',
    intent: 'plan',
    category: [
      { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/careplan-category', code: 'shared-plan-of-care' }] },
    ],
    subject,
    addresses: of('Condition'),
    goal: of('Goal'),
    activity: of('ServiceRequest', 'Task', 'Appointment').map((reference) => ({ reference })),
    careTeam: of('CareTeam'),
    supportingInfo: of('CarePlan'),
  };
}

function viewOf(resources: Resource[], others: Resource[] = [], options = {}) {
  const view = planView('plan', [planOf(...resources), patient, ...resources, ...others], options);
  if (!view) throw new Error('no view');
  return view;
}

describe('planView', () => {
  test('is undefined without the plan', () => {
    expect(planView('other', [patient])).toBeUndefined();
  });

  test('leaves out what is confidential, and does not count it, unless asked', () => {
    const secret = [
      goal('secret', { meta: confidential }),
      condition('c', '1', { meta: confidential }),
      task('t', { meta: confidential }),
    ];
    const view = viewOf(secret);
    expect(linesOf(view)).toEqual([]);
    expect(view.counts).toEqual({ problems: 0, goals: 0, actions: 0, referrals: 0 });
    expect(JSON.stringify(view)).not.toContain('secret');
    expect(viewOf(secret, [], { showRestricted: true }).counts).toEqual({
      problems: 1,
      goals: 1,
      actions: 1,
      referrals: 0,
    });
  });

  test('says what it cannot read instead of dropping it', () => {
    const lost = planView('plan', [planOf(condition('c', '1'), goal('g'), task('t')), patient]);
    expect(lost && linesOf(lost).map(({ reference, unavailable }) => [reference, unavailable])).toEqual([
      ['Condition/c', true],
      ['Goal/g', true],
      ['Task/t', true],
    ]);
  });

  test('never turns "do not" into "do"', () => {
    const view = viewOf([request('MRI', { doNotPerform: true })]);
    expect(view.unlinked.referrals[0]).toMatchObject({ text: 'MRI', doNotPerform: true });
  });

  test('groups the same problem of two hospitals and keeps both, and keeps different ones apart', () => {
    const view = viewOf([at('a', condition('1', 'x')), at('b', condition('2', 'x')), at('a', condition('3', 'y'))]);
    expect(view.problems.map(({ members }) => members.map(({ reference }) => reference))).toEqual([
      ['Condition/1', 'Condition/2'],
      ['Condition/3'],
    ]);
    expect(view.counts.problems).toBe(2);
  });

  test('links by what is said, through every kind of link', () => {
    const c = condition('c', '1');
    const reason = { reasonReference: refs(c) };
    const resources = [
      c,
      goal('addressing', { addresses: refs(c) }),
      request('for-reason', reason),
      task('by-reason', { reasonReference: refs(c)[0] }),
      task('of-request', { basedOn: [{ reference: 'ServiceRequest/for-reason' }] }),
      task('of-goal', {
        extension: [
          {
            url: 'http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal',
            valueReference: { reference: 'Goal/addressing' },
          },
        ],
      }),
      task('of-plan', { basedOn: [{ reference: 'CarePlan/hp' }] }),
      goal('in-plan'),
      task('loose'),
      goal('loose-goal'),
      request('loose-request'),
    ];
    const hospital = at('a', {
      resourceType: 'CarePlan',
      id: 'hp',
      status: 'active',
      intent: 'plan',
      subject,
      addresses: refs(c),
      goal: [{ reference: 'Goal/in-plan' }],
    });
    const view = viewOf([...resources, hospital]);
    const [problem] = view.problems;
    expect(problem?.goals.map(({ text }) => text)).toEqual(['addressing', 'in-plan']);
    expect(problem?.actions.map(({ text }) => text)).toEqual(['by-reason', 'of-goal', 'of-plan', 'of-request']);
    expect(problem?.referrals.map(({ text }) => text)).toEqual(['for-reason']);
    expect(linesOf({ ...view, problems: [], hospitalPlans: [] }).map(({ text }) => text)).toEqual([
      'loose-goal',
      'loose',
      'loose-request',
    ]);
  });

  test('shows a step of a Task under the problem that the Task is for', () => {
    const epilepsy = condition('epilepsy', 'e');
    const referral = request('eeg', { reasonReference: refs(epilepsy) });
    const booking = task('booking', { basedOn: refs(referral) });
    const call = task('call', { partOf: refs(booking) });
    const view = viewOf([epilepsy, referral, booking, call]);
    expect(view.problems[0]?.actions.map(({ reference }) => reference)).toContain('Task/call');
    expect(view.unlinked.actions).toEqual([]);
  });
  test('does not run in circles', () => {
    const ring = [task('a', { basedOn: [{ reference: 'Task/b' }] }), task('b', { basedOn: [{ reference: 'Task/a' }] })];
    expect(viewOf(ring).unlinked.actions).toHaveLength(2);
  });

  test('shows the Task of a referral as its state, the open one before the declined one', () => {
    const focus = { focus: { reference: 'ServiceRequest/food' } };
    const declined = task('first', { ...focus, status: 'rejected', authoredOn: '2026-02-01' });
    const accepted = task('second', {
      ...focus,
      status: 'accepted',
      owner: { display: 'Food bank' },
      authoredOn: '2026-01-01',
    });
    const view = viewOf([request('food'), declined], [accepted]);
    expect(view.unlinked.actions).toEqual([]);
    expect(view.unlinked.referrals).toMatchObject([
      { state: 'accepted', performer: 'Food bank', tasks: ['Task/first', 'Task/second'], open: true },
    ]);
    expect(viewOf([request('food'), declined]).unlinked.referrals).toMatchObject([{ state: 'declined', open: true }]);
    expect(viewOf([request('food', { status: 'revoked' }), accepted]).unlinked.referrals).toMatchObject([
      { state: 'cancelled', open: false },
    ]);
  });

  test('gives the family’s goals in their words with the speaker, newest first', () => {
    const mother: Resource = {
      resourceType: 'RelatedPerson',
      id: 'm',
      patient: subject,
      name: [{ text: 'Ana' }],
      relationship: [{ text: 'Mother' }],
    };
    const expressedBy = refs(mother)[0];
    const view = viewOf(
      [
        goal('older', { expressedBy, startDate: '2026-01-01' }),
        goal('newer', { expressedBy: subject, startDate: '2026-02-01' }),
        goal('clinical'),
      ],
      [mother],
    );
    expect(view.familyGoals.map(({ text, speaker }) => [text, speaker])).toEqual([
      ['newer', 'Robin Example'],
      ['older', 'Ana (mother)'],
    ]);
    expect(view.familyGoals[1]?.source).toEqual({ kind: 'family', label: 'Ana (mother)' });
  });

  test('keeps an answer of disagreement visible', () => {
    const answer = (status: string) => ({
      url: 'http://hl7.org/fhir/StructureDefinition/goal-acceptance',
      extension: [{ url: 'status', valueCode: status }],
    });
    const acceptance = (...all: string[]) =>
      viewOf([goal('g', { extension: all.map(answer) })]).unlinked.goals[0]?.acceptance;
    expect(acceptance('agree', 'disagree')).toBe('disagreed');
    expect(acceptance('agree', 'pending')).toBe('pending');
    expect(acceptance('agree', 'agree')).toBe('agreed');
    expect(acceptance()).toBeUndefined();
  });

  test('names the hospital of a value by the Provenance of the sync, and the date stated in it', () => {
    const provenance: Resource = {
      resourceType: 'Provenance',
      id: 'p',
      target: [],
      recorded: '2026-01-01T00:00:00Z',
      agent: [{ who: { identifier: { system: 'urn:careweave:site', value: 'a' }, display: 'Lakeside' } }],
    };
    const view = viewOf(
      [
        at('a', condition('c', '1', { recordedDate: '2025-05-05', recorder: { display: 'Dr. Reed' } })),
        at('b', goal('g')),
      ],
      [provenance],
    );
    expect(view.problems[0]?.members[0]).toMatchObject({
      source: { kind: 'hospital', site: 'a', label: 'Dr. Reed, Lakeside' },
      date: '2025-05-05',
    });
    expect(view.sources.map(({ label }) => label)).toEqual(['Dr. Reed, Lakeside', 'b']);
  });

  test('shows a clinician of two hospitals once by provider number, and namesakes apart', () => {
    const doctor = (id: string, npi: string): Resource => ({
      resourceType: 'Practitioner',
      id,
      name: [{ text: 'Dr. Reed' }],
      identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: npi }],
    });
    const doctors = [doctor('a', '1'), doctor('b', '1'), doctor('namesake', '2')];
    const participant = refs(...doctors).map((member, n) => ({ member, role: [{ text: `Role ${n}` }] }));
    const gone = { member: { display: 'Dr. Gone' }, period: { end: '2026-01-01' } };
    const view = viewOf([{ resourceType: 'CareTeam', id: 'team', participant: [...participant, gone] }], doctors);
    expect(view.team.map(({ name, roles }) => [name, roles])).toEqual([
      ['Dr. Reed', ['Role 0', 'Role 1']],
      ['Dr. Reed', ['Role 2']],
    ]);
  });

  test('shows a person of several records of the same kind and name once, with all roles and sources', () => {
    const relative = (id: string, given: string, relation: string): Resource => ({
      resourceType: 'RelatedPerson',
      id,
      name: [{ given: [given], family: 'Testwell' }],
      relationship: [{ text: relation }],
    });
    const people = [
      relative('own', 'Zoë', 'mother'),
      at('a', relative('sent', 'ZOE', 'Mother')),
      relative('aunt', 'Zoë', 'aunt'),
      at('a', { resourceType: 'Practitioner', id: 'dr', name: [{ prefix: ['Dr.'], text: 'Dr. Ada Reed' }] }),
      { resourceType: 'Practitioner', id: 'ada', name: [{ text: 'Ada Reed' }] },
    ];
    const lead = { url: 'http://careweave.org/fhir/StructureDefinition/lead-coordinator', valueBoolean: true };
    const participant = refs(...people).map((member, n) => ({
      member,
      role: [{ text: `Role ${n}` }],
      ...(n === 4 && { extension: [lead] }),
    }));
    const view = viewOf([{ resourceType: 'CareTeam', id: 'team', participant }], people);
    expect(view.team.map(({ name, roles, lead, sources }) => [name, roles, lead, sources.map((s) => s.label)])).toEqual(
      [
        ['Dr. Ada Reed', ['Role 3', 'Role 4'], true, ['a', 'Careweave']],
        ['Zoë Testwell (aunt)', ['Role 2'], false, ['Careweave']],
        ['Zoë Testwell (mother)', ['Role 0', 'Role 1'], false, ['Careweave', 'a']],
      ],
    );
  });

  test('says a target once when its measure and its detail are the same words', () => {
    const target = [{ measure: { text: 'Walks ten steps alone' }, detailString: 'walks ten steps alone ' }];
    expect(viewOf([goal('g', { target })]).unlinked.goals[0]?.targets).toEqual(['Walks ten steps alone']);
  });

  test('lists the words of a hospital plan when words are all it has', () => {
    const div = '<div xmlns="http://www.w3.org/1999/xhtml"><h3>Asthma</h3><p>Inhaler &lt;b&gt; &#38; spacer</p></div>';
    const plan = (id: string, more: object = {}) =>
      at('a', { resourceType: 'CarePlan', id, status: 'active', subject, text: { status: 'generated', div }, ...more });
    const described = plan('described', { description: 'In short' });
    const empty = plan('empty', { title: 'Nothing', text: { status: 'empty', div } });
    const parted = plan('parted', { title: 'Has parts', goal: [{ reference: 'Goal/g' }] });
    const view = viewOf([described, empty, parted, plan('words')]);
    expect(view.hospitalPlans.map(({ text }) => text)).toEqual([
      'In short',
      'Nothing',
      'Has parts',
      'Asthma\nInhaler <b> & spacer',
    ]);
  });

  test('prints a target’s decimals as they were written', () => {
    const target = [
      {
        measure: { text: 'Weight' },
        detailQuantity: { value: JSON.rawJSON('12.50'), unit: 'kg' },
        dueDate: '2027-01-01',
      },
    ];
    expect(viewOf([goal('g', { target })]).unlinked.goals[0]).toMatchObject({
      targets: ['Weight: 12.50 kg'],
      due: '2027-01-01',
    });
  });

  test('does not depend on the order of what it is given', () => {
    const resources = [
      condition('1', 'x'),
      condition('2', 'x'),
      condition('3', 'y'),
      goal('g', { addresses: [{ reference: 'Condition/1' }] }),
      task('t'),
      request('r'),
    ];
    const all = [planOf(...resources), patient, ...resources];
    const reversedPlan = planOf(...[...resources].reverse());
    expect(planView('plan', [...resources].reverse().concat(patient, reversedPlan))).toEqual(planView('plan', all));
  });
});

describe('ageText', () => {
  test.each([
    ['2026-11-15', '2026-11-14', undefined],
    ['not a date', '2026-11-15', undefined],
    [undefined, '2026-11-15', undefined],
    ['2026-11-15', '2026-11-15', '0 days'],
    ['2026-11-14', '2026-11-15', '1 day'],
    ['2026-11-02', '2026-11-15', '13 days'],
    ['2026-11-01', '2026-11-15', '2 weeks'],
    ['2026-08-16', '2026-11-15', '13 weeks'],
    ['2026-08-15', '2026-11-15', '3 months'],
    ['2024-11-16', '2026-11-15', '23 months'],
    ['2024-11-15', '2026-11-15', '2 years'],
    ['2024-02-29', '2026-02-28', '23 months'],
    ['2020', '2026-11-15', 'about 6 years'],
  ])('born %s, on %s: %s', (born, today, text) => {
    expect(ageText(born, today)).toBe(text);
  });
});
