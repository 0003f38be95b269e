import { isObject } from '../../fhir/search/walk-path.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Policy } from './compile.ts';
import type { AppClass } from './facts.ts';
import { isWithin } from './period.ts';

export const proxyBasisSystem = `${canonicalBase}/CodeSystem/proxy-basis`;
export const appClassSystem = `${canonicalBase}/CodeSystem/app-class`;
export const sensitivitySystem = `${canonicalBase}/CodeSystem/sensitivity`;
const scopeSystem = 'http://terminology.hl7.org/CodeSystem/consentscope';

/** What a proxy consent says, once everything in it was understood. */
export interface ProxyConsent {
  /** `RelatedPerson/…`, `Practitioner/…`: whom it is about. */
  actors: readonly string[];
  /** Empty for a consent that has no basis of the policy, such as a Part 2 consent to a practitioner. */
  basis: string;
  /** Categories that are opened by it, and those that stay closed all the same. */
  opens: bigint;
  excludes: bigint;
}

/** A denial: of everything, or of some categories and of where the child is. */
export interface Denial {
  /** Empty: every proxy. */
  actors: readonly string[];
  everything: boolean;
  hides: bigint;
  /** It is a young person's own, by its basis, and so closes to proxies what the policy lets them close (`asGiven`). */
  isOwn: boolean;
  /** Nothing in it is left out of account: what is, denies everything. */
  isRead: boolean;
  /** Where the child is goes with it. */
  hidesPlace: boolean;
  /** Only through apps of this class; absent: through whatever app. */
  app?: AppClass;
}

/** Active, of scope patient-privacy, and of the patient. */
export function isPrivacyConsent(consent: Resource, patientId: string): boolean {
  return (
    consent.status === 'active' &&
    codings(consent.scope).some(({ system, code }) => system === scopeSystem && code === 'patient-privacy') &&
    referenceOf(consent.patient) === `Patient/${patientId}`
  );
}

const known: ReadonlySet<string> = new Set(['id', 'type', 'period', 'actor', 'securityLabel', 'provision']);

/**
 * The grant that a consent is, in force now and with the evidence its basis needs; undefined otherwise. Whatever narrows it in a way
 * that is not read here makes it none: to leave that out of account would give more than was given.
 */
export function proxyConsent(consent: Resource, policy: Policy, now: Date): ProxyConsent | undefined {
  const { provision } = consent;
  if (!isObject(provision) || provision.type !== 'permit') return undefined;
  if (hasForeignParts(consent) || !Object.keys(provision).every((name) => known.has(name))) return undefined;
  const { timeZone } = policy.document;
  if (isWithin(provision.period, now, timeZone) !== true) return undefined;
  const opens = labelBits(provision.securityLabel, policy);
  const excludes = exclusions(provision.provision, policy);
  const basis = codings(consent.category, proxyBasisSystem)[0] ?? '';
  if (opens === undefined || excludes === undefined || !hasEvidence(consent, basis, policy)) return undefined;
  return { actors: actorsOf(provision), basis, opens, excludes };
}

/** The denial that a consent is, unless it is clearly over or has clearly not begun. */
export function denialOf(consent: Resource, policy: Policy, now: Date): Denial | undefined {
  const { provision } = consent;
  if (!isObject(provision) || provision.type !== 'deny') return undefined;
  if (isWithin(provision.period, now, policy.document.timeZone) === false) return undefined;
  const hides = labelBits(provision.securityLabel, policy);
  const { code, ...rest } = provision;
  const app = appOf(code);
  const understood = !hasForeignParts(consent) && Object.keys(rest).every((name) => known.has(name));
  const isRead = understood && hides !== undefined && !provision.provision && (code === undefined || app !== undefined);
  const isPartial = isRead && list(provision.securityLabel).length > 0;
  return {
    actors: actorsOf(provision),
    everything: !isPartial,
    hides: hides ?? policy.all,
    isOwn: isOfPerson(consent),
    isRead,
    hidesPlace: true,
    ...(isRead && app !== undefined && { app }),
  };
}

/** Bases that the person concerned gives and takes back without anybody's help. */
const ownBases: ReadonlySet<string> = new Set(['teen-authorised', 'adult-child-authorised']);

/** True for a consent that is the patient's own to give: one of these bases and no other. */
export function isOfPerson(consent: Resource): boolean {
  const basis = codings(consent.category, proxyBasisSystem);
  return basis.length === 1 && ownBases.has(basis[0] ?? '');
}

/**
 * What a denial takes from proxies. A minor closes categories, as far as the policy lets (`selfCloses`), and apps of a kind (PP-53); not the
 * parents' part of the record, and not where they are: that is for a court, and for the staff who know why.
 */
export function asGiven(denial: Denial, isMinor: boolean, policy: Policy): Denial {
  if (!denial.isOwn || !isMinor || !denial.isRead || denial.app !== undefined) return denial;
  return { ...denial, everything: false, hides: denial.hides & policy.selfCloses, hidesPlace: false };
}

/** PP-53: the class of apps that a denial is about, said once and in no other words; undefined where it is not. */
function appOf(concepts: unknown): AppClass | undefined {
  const all = codings(concepts);
  const [only] = codings(concepts, appClassSystem);
  if (all.length !== 1 || list(concepts).length !== 1) return undefined;
  return only === 'own' || only === 'outside' ? only : undefined;
}

/** What the policy asks of the basis: a document, somebody who has verified it, an end. A basis that the policy does not have has none. */
export function hasEvidence(consent: Resource, basis: string, policy: Policy): boolean {
  if (basis === '') return true;
  const { needs } = Object.hasOwn(policy.document.bases, basis)
    ? (policy.document.bases[basis] ?? { needs: undefined })
    : { needs: undefined };
  const provision = isObject(consent.provision) ? consent.provision : {};
  const has = {
    verification: () => list(consent.verification).some((one) => isObject(one) && one.verified === true),
    source: () => consent.sourceReference !== undefined || consent.sourceAttachment !== undefined,
    end: () => isObject(provision.period) && provision.period.end !== undefined,
  };
  return needs?.every((need) => has[need]()) ?? false;
}

/** Nested denials of categories, and nothing else. */
export function exclusions(nested: unknown, policy: Policy): bigint | undefined {
  let found = 0n;
  for (const one of list(nested)) {
    if (!isObject(one) || one.type !== 'deny') return undefined;
    if (!Object.keys(one).every((name) => name === 'id' || name === 'type' || name === 'securityLabel'))
      return undefined;
    const bits = labelBits(one.securityLabel, policy);
    if (bits === undefined || list(one.securityLabel).length === 0) return undefined;
    found |= bits;
  }
  return found;
}

/** The categories of labels; undefined when one is not among the policy's, but for our word for where the child is. */
export function labelBits(labels: unknown, policy: Policy): bigint | undefined {
  let found = 0n;
  for (const label of list(labels)) {
    if (!isObject(label)) return undefined;
    if (label.system === sensitivitySystem && label.code === 'WHEREABOUTS') continue;
    const bits = policy.labels.get(`${String(label.system ?? '')}|${String(label.code ?? '')}`);
    if (bits === undefined) return undefined;
    found |= bits;
  }
  return found;
}

/** `modifierExtension` changes the meaning of what holds it in ways that we do not know. */
export function hasForeignParts(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasForeignParts);
  if (!isObject(value)) return false;
  return Object.entries(value).some(([name, inner]) => name === 'modifierExtension' || hasForeignParts(inner));
}

function actorsOf(provision: Record<string, unknown>): string[] {
  return list(provision.actor).flatMap((actor) => (isObject(actor) ? [referenceOf(actor.reference) ?? ''] : ['']));
}

export function referenceOf(value: unknown): string | undefined {
  return isObject(value) && typeof value.reference === 'string' ? value.reference : undefined;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

/** The codings of a CodeableConcept or of several; with a system, the codes of it. */
export function codings(concepts: unknown): { system?: unknown; code?: unknown }[];
export function codings(concepts: unknown, system: string): string[];
export function codings(concepts: unknown, system?: string): unknown[] {
  const all = list(concepts).flatMap((concept) => (isObject(concept) ? list(concept.coding).filter(isObject) : []));
  if (system === undefined) return all;
  return all.flatMap((coding) => (coding.system === system && typeof coding.code === 'string' ? [coding.code] : []));
}
