import { canonicalBase, planCategory } from '../../fhir/shared-plan.ts';
import type { r4 } from '../../fhir/types.ts';

/** The names under which profiles/ defines what emergency and access plans are made of. */
const system = (name: string) => `${canonicalBase}/CodeSystem/${name}`;
const structure = (name: string) => `${canonicalBase}/StructureDefinition/${name}`;

export const emergencyCode = 'emergency';
export const accessCode = 'access';

export const careTaskSystem = system('care-task');
export const scenarioSystem = system('emergency-scenario');
export const stepSystem = system('scenario-step');
/** Tags of records that the plan shows in a place of their own: baseline, rescue, stress-dose, prophylaxis. */
export const useSystem = system('emergency-plan-use');
export const devicePropertySystem = system('device-property');
export const revalidationSystem = system('emergency-plan-revalidation');

export const scenarioProfile = structure('emergency-scenario');
export const zoneUrl = structure('colour-zone');
export const scenarioDeviceUrl = structure('scenario-device');
export const proposedByUrl = structure('scenario-proposed-by');
export const familyWordsUrl = structure('scenario-family-words');
export const contactUrl = structure('access-contact');
export const standingUrl = structure('emergency-plan-standing');

/** The Task that asks for another check of the plan, and whose completion is that check. */
export const reviewTaskCode = 'emergency-plan-review';
export const noticeTaskCode = 'emergency-access-notice';
export const linkNoticeTaskCode = 'emergency-link-notice';
export const proposalTaskCode = 'emergency-scenario-proposed';

export function isEmergencyPlan(plan: Pick<r4.CarePlan, 'category'>): boolean {
  return planCategory(plan) === emergencyCode;
}

export function isAccessPlan(plan: Pick<r4.CarePlan, 'category'>): boolean {
  return planCategory(plan) === accessCode;
}

/** The codes of a system that a concept, or any of several, carries. */
export function codesOf(
  concepts: r4.CodeableConcept | readonly r4.CodeableConcept[] | undefined,
  wanted: string,
): string[] {
  const all = concepts === undefined ? [] : Array.isArray(concepts) ? concepts : [concepts];
  return all.flatMap(({ coding = [] }: r4.CodeableConcept) =>
    coding.flatMap(({ system: of, code }) => (of === wanted && code !== undefined ? [code] : [])),
  );
}

/** A Task of one of our kinds. */
export function isTaskOf(task: Pick<r4.Task, 'code'>, code: string): boolean {
  return codesOf(task.code, careTaskSystem).includes(code);
}
