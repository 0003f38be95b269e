import type { r4 } from './types.ts';

export const acceptanceUrl = 'http://hl7.org/fhir/StructureDefinition/goal-acceptance';
export const reasonRejectedUrl = 'http://hl7.org/fhir/StructureDefinition/goal-reasonRejected';

type GoalAnswer = 'agree' | 'disagree' | 'pending';

/** One stakeholder's answer to a goal (FHIR R4 extension goal-acceptance). */
export interface Acceptance {
  /** `Type/id`, without a version; the business identifier or the words where there is no reference. */
  who: string | undefined;
  answer: string | undefined;
  priority: string | undefined;
}

export function acceptancesOf({ extension }: Pick<r4.Goal, 'extension'>): Acceptance[] {
  const entries = (extension ?? []).filter(({ url }) => url === acceptanceUrl);
  return entries.map((entry) => {
    const part = (name: string) => entry.extension?.find(({ url }) => url === name);
    const who = part('individual')?.valueReference;
    return {
      who: who?.reference?.split('/_history/')[0] ?? who?.identifier?.value ?? who?.display,
      answer: part('status')?.valueCode,
      priority: part('priority')?.valueCodeableConcept?.coding?.[0]?.code,
    };
  });
}

interface Agreement {
  /** How each side stands: a disagreement of one of them is the side's, and nobody's silence is an agreement. */
  family: GoalAnswer | 'not-asked';
  clinicians: GoalAnswer | 'not-asked';
  /** A family and a clinician both agree, and nobody disagrees (decision D7). */
  isNegotiated: boolean;
}

/** Whether a goal was negotiated: computed from who agrees, never written down as a fact of its own. Pure and browser-safe. */
export function agreementOf(goal: Pick<r4.Goal, 'extension'>): Agreement {
  const all = acceptancesOf(goal);
  const family = sideOf(all.filter(({ who }) => /^(Patient|RelatedPerson)\//.test(who ?? '')));
  const clinicians = sideOf(all.filter(({ who }) => /^(Practitioner|PractitionerRole)\//.test(who ?? '')));
  const nobodyDisagrees = all.every(({ answer }) => answer !== 'disagree');
  return { family, clinicians, isNegotiated: family === 'agree' && clinicians === 'agree' && nobodyDisagrees };
}

function sideOf(entries: readonly Acceptance[]): Agreement['family'] {
  if (entries.length === 0) return 'not-asked';
  if (entries.some(({ answer }) => answer === 'disagree')) return 'disagree';
  return entries.some(({ answer }) => answer === 'agree') ? 'agree' : 'pending';
}

/** Why a goal was rejected, in the words that were given. */
export function reasonRejectedOf({ extension }: Pick<r4.Goal, 'extension'>): string | undefined {
  const reason = extension?.find(({ url }) => url === reasonRejectedUrl)?.valueCodeableConcept;
  return reason?.text ?? reason?.coding?.[0]?.display ?? reason?.coding?.[0]?.code;
}
