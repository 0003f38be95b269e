import { ofType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { hasEnded, type Need, needsOf, refersTo } from './stages.ts';

export const withdrawnUrl = `${canonicalBase}/StructureDefinition/need-withdrawn`;
export const gravityDomains = 'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes';

export const needStates = ['open', 'withdrawn', 'resolved'] as const;
export type NeedState = (typeof needStates)[number];

/** A line of the register. */
export interface Registered extends Need {
  state: NeedState;
  /** Why nobody follows it any more. */
  reason?: r4.CodeableConcept;
  domain?: string;
  isConfirmed: boolean;
  /** What was done or found: procedures for the need or its requests, and what its Tasks gave back. */
  outcomes: readonly r4.Reference[];
}

/** ICD-10-CM and SNOMED CT codes to domains, read from the concept map of ours backwards. */
export type Domains = ReadonlyMap<string, string>;

/**
 * The register of one child: a need is open from the day it was found until its Condition has ended or it was withdrawn with a reason, whatever
 * became of its referrals (S0.10). Open ones first, the oldest first. Pure.
 */
export function registerOf(records: readonly Resource[], today: string, domains: Domains): Registered[] {
  const procedures = ofType(records, 'Procedure');
  const lines = needsOf(records, today).map((need): Registered => {
    const reason = withdrawalOf(need);
    const domain = need.conditions.map((condition) => domainOf(condition, domains)).find((one) => one !== undefined);
    return {
      ...need,
      state: stateOf(need, today),
      ...(reason && { reason }),
      ...(domain !== undefined && { domain }),
      isConfirmed: need.conditions.some(isConfirmed),
      outcomes: [...outcomesOf(need, procedures)],
    };
  });
  return lines.sort((left, right) => needStates.indexOf(left.state) - needStates.indexOf(right.state));
}

/** Of several sources one that says that it has ended is enough: that is the newer news. */
function stateOf({ conditions }: Need, today: string): NeedState {
  if (conditions.some((condition) => hasEnded(condition, today))) return 'resolved';
  return withdrawalOf({ conditions }) ? 'withdrawn' : 'open';
}

function withdrawalOf({ conditions }: Pick<Need, 'conditions'>): r4.CodeableConcept | undefined {
  const found = conditions.flatMap(({ extension = [] }) => extension).find(({ url }) => url === withdrawnUrl);
  return found?.valueCodeableConcept;
}

export function domainOf({ category = [], code }: r4.Condition, domains: Domains): string | undefined {
  const given = category.flatMap(({ coding = [] }) => coding).find(({ system }) => system === gravityDomains)?.code;
  if (given !== undefined) return given;
  const codings = code?.coding ?? [];
  return codings.map((one) => domains.get(`${one.system}|${one.code}`)).find((domain) => domain !== undefined);
}

/** The concept map from domains to codes, the other way round. */
export function domainsOf(map: r4.ConceptMap | undefined): Domains {
  const found = new Map<string, string>();
  for (const { source, target, element } of map?.group ?? []) {
    if (source !== gravityDomains) continue;
    for (const { code, target: targets = [] } of element)
      for (const one of targets) {
        const key = `${target}|${one.code}`;
        if (code !== undefined && !found.has(key)) found.set(key, code);
      }
  }
  return found;
}

function isConfirmed({ verificationStatus }: r4.Condition): boolean {
  return verificationStatus?.coding?.some(({ code }) => code === 'confirmed') === true;
}

function* outcomesOf({ conditions, requests, tasks }: Need, procedures: readonly (Resource & r4.Procedure)[]) {
  for (const procedure of procedures) {
    const { id, status, reasonReference = [], basedOn = [] } = procedure;
    const isForIt = reasonReference.some((one) => conditions.some((need) => refersTo(one, 'Condition', need.id)));
    const isOfIt = basedOn.some((one) => requests.some((request) => refersTo(one, 'ServiceRequest', request.id)));
    if (status === 'completed' && (isForIt || isOfIt)) yield { reference: `Procedure/${id}` };
  }
  for (const { output = [] } of tasks)
    for (const { valueReference } of output)
      if (valueReference?.reference) yield { reference: valueReference.reference };
}
