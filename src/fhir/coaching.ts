import { goalIn } from './goal-scale.ts';
import { plain } from './json.ts';
import { isOfType } from './of-type.ts';
import { canonicalBase } from './shared-plan.ts';
import type { Resource, r4 } from './types.ts';

/**
 * Coaching towards a goal: how ready and how confident somebody is, from 0 to 10, and the steps that were agreed. The scale is our own code system; no questionnaire
 * of others is used. Pure and browser-safe.
 */
export const coachingScaleSystem = `${canonicalBase}/CodeSystem/coaching-scale`;
export const coachingScales = ['readiness', 'confidence'] as const;
export type CoachingScale = (typeof coachingScales)[number];

const careTaskSystem = `${canonicalBase}/CodeSystem/care-task`;

export interface Rating {
  scale: CoachingScale;
  /** 0 (not at all) to 10 (wholly); undefined when the record says something else. */
  value: number | undefined;
  /** When it was said; empty when it is not known. */
  at: string;
  /** `Goal/id`, of the one goal that it is about. */
  goal: string | undefined;
  /** Whose answer it is. */
  who: string | undefined;
}

/** Undefined for an Observation that is no rating of a coaching session. */
export function ratingOf(resource: Resource | undefined): Rating | undefined {
  if (!isOfType(resource, 'Observation')) return undefined;
  const coding = resource.code?.coding?.find(({ system }) => system === coachingScaleSystem);
  const scale = coachingScales.find((one) => one === coding?.code);
  if (scale === undefined) return undefined;
  const value = resource.valueInteger === undefined ? undefined : plain({ n: resource.valueInteger }).n;
  return {
    scale,
    value: value !== undefined && Number.isInteger(value) && value >= 0 && value <= 10 ? value : undefined,
    at: resource.effectiveDateTime ?? '',
    goal: goalIn(resource),
    who: resource.performer?.[0]?.reference,
  };
}

/** A step towards a goal that somebody takes on: a Task whose focus is the goal. */
export function isActionStep(resource: Resource | undefined): resource is Resource & r4.Task {
  return isOfType(resource, 'Task') && hasCode(resource.code, 'action-step');
}

/** A coaching session: an Encounter by its type, a Communication by its category. */
export function isCoachingSession(
  resource: Resource | undefined,
): resource is Resource & (r4.Encounter | r4.Communication) {
  if (isOfType(resource, 'Encounter')) return (resource.type ?? []).some((one) => hasCode(one, 'coaching'));
  return isOfType(resource, 'Communication') && (resource.category ?? []).some((one) => hasCode(one, 'coaching'));
}

function hasCode(concept: r4.CodeableConcept | undefined, wanted: string): boolean {
  return concept?.coding?.some(({ system, code }) => system === careTaskSystem && code === wanted) === true;
}
