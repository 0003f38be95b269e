import { isOfType } from '../../fhir/of-type.ts';
import { localReference } from '../../fhir/plan-view/index-of.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { dayOf } from './enrollment.ts';
import { programPolicyUrl } from './vocabulary.ts';

/** What a program lets only some do (decision D12, CodeSystem/program-policy). */
export const policyActs = ['enroll', 'edit-core', 'see-costs'] as const;
export type PolicyAct = (typeof policyActs)[number];

export interface ProgramPolicy {
  act: string | undefined;
  /** `Organization/…`, whose people and systems may; `PractitionerRole/…` or `Practitioner/…`, who may. */
  who: string | undefined;
  /** Days, YYYY-MM-DD; the last one included. */
  start?: string;
  end?: string;
}

/** The policies of a program as they are written on it, whether they make sense or not. */
export function policiesOf(service: Resource | undefined): ProgramPolicy[] {
  if (!isOfType(service, 'HealthcareService')) return [];
  return (service.extension ?? []).filter(({ url }) => url === programPolicyUrl).map(readPolicy);
}

function readPolicy({ extension = [] }: r4.Extension): ProgramPolicy {
  const part = (name: string) => extension.find(({ url }) => url === name);
  const period = part('period')?.valuePeriod;
  const [start, end] = [dayOf(period?.start), dayOf(period?.end)];
  return {
    act: part('act')?.valueCode,
    who: localReference(part('who')?.valueReference),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
  };
}

export function isKnownAct(act: string | undefined): act is PolicyAct {
  return policyActs.some((one) => one === act);
}

/** Who may on a day: `anybody` whom the access token lets; else those who are named, which may be nobody. */
export interface Allowed {
  who: 'anybody' | readonly string[];
  /** Nobody has written it down for this program: what holds then. */
  isDefault: boolean;
}

/**
 * Who may do this in a program on a day. Pure. A program that says nothing of it lets anybody enroll, and shows its core and its costs to the people of whom it
 * belongs to. One that has said something, of which nothing holds on that day, lets nobody.
 */
export function allowedOn(service: Resource | undefined, act: PolicyAct, day: string): Allowed {
  const said = policiesOf(service).filter((one) => one.act === act);
  if (said.length > 0) {
    const held = said.filter(({ start = day, end = day }) => start <= day && day <= end);
    return { who: held.flatMap(({ who }) => who ?? []), isDefault: false };
  }
  if (act === 'enroll') return { who: 'anybody', isDefault: true };
  const owner = isOfType(service, 'HealthcareService') ? localReference(service.providedBy) : undefined;
  return { who: owner === undefined ? [] : [owner], isDefault: true };
}
