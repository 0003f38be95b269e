import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';

/** LOINC codes of a score, by who gives it (HL7 Person-Centered Outcomes; docs/goals-and-proposals.md). Nobody else scores on this page. */
export const voiceCodes: Readonly<Record<string, string>> = { RelatedPerson: '107331-1', Patient: '107334-5' };

interface Score {
  goal: Resource & r4.Goal;
  me: string;
  code: string;
  /** The level, as the goal itself codes it. */
  coding: r4.Coding;
  /** `YYYY-MM-DD`. */
  today: string;
}

/** How far somebody finds a goal today, as an Observation. */
export function scoreOf({ goal, me, code, coding, today }: Score): Resource {
  return {
    resourceType: 'Observation',
    meta: { profile: [`${canonicalBase}/StructureDefinition/goal-attainment-score`] },
    status: 'final',
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'survey' }] }],
    code: { coding: [{ system: 'http://loinc.org', code }] },
    subject: goal.subject,
    focus: [{ reference: `Goal/${goal.id}` }],
    effectiveDateTime: today,
    performer: [{ reference: me }],
    valueCodeableConcept: { coding: [coding] },
  };
}
