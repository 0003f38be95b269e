import { expect, test } from '@jest/globals';
import { planView } from '../../../src/fhir/plan-view.ts';
import type { Resource } from '../../../src/fhir/types.ts';

const acceptance = (who: string, status: string) => ({
  url: 'http://hl7.org/fhir/StructureDefinition/goal-acceptance',
  extension: [
    { url: 'individual', valueReference: { reference: who } },
    { url: 'status', valueCode: status },
  ],
});
const reason = {
  url: 'http://hl7.org/fhir/StructureDefinition/goal-reasonRejected',
  valueCodeableConcept: { text: 'Too far' },
};

function lineOf(lifecycleStatus: string, ...extension: object[]) {
  const plan: Resource & { resourceType: 'CarePlan' } = {
    resourceType: 'CarePlan',
    id: 'p',
    status: 'active',
    intent: 'plan',
    subject: { reference: 'Patient/1' },
    goal: [{ reference: 'Goal/g' }],
  };
  const goal = {
    resourceType: 'Goal',
    id: 'g',
    lifecycleStatus,
    description: { text: 'x' },
    subject: plan.subject,
    extension,
  };
  return planView('p', [plan, goal])?.unlinked.goals[0];
}

test('S2.26 a rejected goal is shown with the reason, and only a rejected one', () => {
  expect(lineOf('rejected', reason)).toMatchObject({ open: false, rejectedBecause: 'Too far' });
  expect(lineOf('active', reason)).not.toHaveProperty('rejectedBecause');
});

test('a goal is shown as negotiated when both sides agree, and not before', () => {
  const [family, clinician] = [acceptance('RelatedPerson/1', 'agree'), acceptance('Practitioner/1', 'agree')];
  expect(lineOf('active', family, clinician)?.negotiated).toBe(true);
  expect(lineOf('active', family)).not.toHaveProperty('negotiated');
  expect(lineOf('active', family, clinician, acceptance('RelatedPerson/2', 'disagree'))).not.toHaveProperty(
    'negotiated',
  );
});
