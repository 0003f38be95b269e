import { isObject } from '../../fhir/search/walk-path.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';
import { localDate } from './age.ts';
import type { Policy } from './compile.ts';
import { codings, list, referenceOf } from './consent.ts';
import { isWithin } from './period.ts';

export const privacyFlagSystem = `${canonicalBase}/CodeSystem/privacy-flag`;
export const restrictedPersonUrl = `${canonicalBase}/StructureDefinition/restricted-person`;

/** What the flags of a patient say, at this moment. */
export interface FlagFacts {
  /** Surely, which gives the young person an adult's view; perhaps, which takes from others what they see of a minor. */
  emancipated: 'yes' | 'perhaps' | 'no';
  hasDiminishedCapacity: boolean;
  hasSafeAddress: boolean;
  isProtected: boolean;
  /** By a court: references of RelatedPersons, or everybody who is a proxy. */
  restricted: 'nobody' | 'everybody' | ReadonlySet<string>;
}

/** Reads a patient's active Flags. What takes away counts unless it is clearly over; what gives counts only when it clearly holds. */
export function flagFacts(flags: readonly Resource[], policy: Policy, now: Date): FlagFacts {
  const { timeZone } = policy.document;
  const active = flags.filter(({ status }) => status === 'active');
  const of = (code: string) => active.filter((flag) => codings(flag.code, privacyFlagSystem).includes(code));
  const protects = (flag: Resource) => isWithin(flag.period, now, timeZone) !== false;
  const courts = of('court-restriction').filter(protects);
  const named = courts.map(restrictedBy);
  return {
    emancipated: emancipationOf(of('emancipated'), policy, now),
    hasDiminishedCapacity: of('diminished-capacity').some((flag) => isAttested(flag, policy, now)),
    hasSafeAddress: of('safe-address').some(protects),
    isProtected: of('protected-chart').some(protects),
    restricted: courts.length === 0 ? 'nobody' : named.includes('everybody') ? 'everybody' : new Set(named.flat()),
  };
}

/** Emancipation begins on a day; without one nobody can be sure that it has, or that it has not. */
function emancipationOf(flags: readonly Resource[], policy: Policy, now: Date): FlagFacts['emancipated'] {
  const { timeZone } = policy.document;
  const hasDay = ({ period }: Resource) => isObject(period) && period.start !== undefined;
  if (flags.some((flag) => hasDay(flag) && isWithin(flag.period, now, timeZone) === true)) return 'yes';
  return flags.some(({ period }) => isWithin(period, now, timeZone) !== false) ? 'perhaps' : 'no';
}

/** A clinician's word, not older than the policy lets it be. */
function isAttested(flag: Resource, policy: Policy, now: Date): boolean {
  const { timeZone, diminishedCapacityMonths } = policy.document;
  const start = isObject(flag.period) ? flag.period.start : undefined;
  const byClinician = /^Practitioner(Role)?\//.test(referenceOf(flag.author) ?? '');
  if (!byClinician || typeof start !== 'string' || !/^\d{4}-\d{2}-\d{2}/.test(start)) return false;
  if (isWithin(flag.period, now, timeZone) !== true) return false;
  const until = new Date(`${start.slice(0, 10)}T00:00:00Z`);
  until.setUTCMonth(until.getUTCMonth() + diminishedCapacityMonths);
  return localDate(now, timeZone) < until.toISOString().slice(0, 10);
}

function restrictedBy(flag: Resource): string[] | 'everybody' {
  const extensions = list(flag.extension).filter(isObject);
  const named = extensions
    .filter(({ url }) => url === restrictedPersonUrl)
    .map((one) => referenceOf(one.valueReference));
  return named.length === 0 || named.includes(undefined) ? 'everybody' : named.filter((text) => text !== undefined);
}
