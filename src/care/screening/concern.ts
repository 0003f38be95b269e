import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';

type Kept = Resource & r4.Condition;

const over: ReadonlySet<string | undefined> = new Set(['inactive', 'remission', 'resolved']);
const notBelieved: ReadonlySet<string | undefined> = new Set(['refuted', 'entered-in-error']);

/** It goes on, as far as the record says, and nobody has found it to be wrong. */
export function isOpen({ clinicalStatus, verificationStatus, abatementDateTime }: r4.Condition): boolean {
  if (abatementDateTime !== undefined || clinicalStatus?.coding?.some(({ code }) => over.has(code))) return false;
  return verificationStatus?.coding?.some(({ code }) => notBelieved.has(code)) !== true;
}

/** Nobody has taken it up since it was extracted. */
export function isUntouched(concern: r4.Condition): boolean {
  const isUnconfirmed = concern.verificationStatus?.coding?.every(({ code }) => code === 'unconfirmed') ?? false;
  return isUnconfirmed && isOpen(concern) && concern.asserter === undefined;
}

export function isMistaken({ verificationStatus }: r4.Condition): boolean {
  return verificationStatus?.coding?.some(({ code }) => code === 'entered-in-error') === true;
}

/** An open Condition with a code in common. One that is labelled otherwise is another: what is restricted stays by itself. */
export function sameNeed(known: Kept, made: Kept): boolean {
  if (!isOpen(known) || labelsOf(known) !== labelsOf(made)) return false;
  const codes = made.code?.coding ?? [];
  return (known.code?.coding ?? []).some((one) =>
    codes.some(({ system, code }) => code !== undefined && one.code === code && one.system === system),
  );
}

function labelsOf({ meta }: Kept): string {
  const labels = (meta?.security ?? []).map(({ system = '', code = '' }) => `${system}|${code}`);
  return labels.sort().join(' ');
}

export function addEvidence(concern: Kept, evidence: readonly r4.ConditionEvidence[]): Kept {
  const there = new Set(
    (concern.evidence ?? []).flatMap(({ detail = [] }) => detail.map(({ reference }) => reference)),
  );
  const more = evidence.filter(({ detail = [] }) => detail.some(({ reference }) => !there.has(reference)));
  return more.length === 0 ? concern : { ...concern, evidence: [...(concern.evidence ?? []), ...more] };
}

/** Why it ended: the answer that it rested on was never meant (CodeSystem ending-reason). */
const takenBack: r4.Extension = {
  url: `${canonicalBase}/StructureDefinition/ending-reason`,
  valueCodeableConcept: { coding: [{ system: `${canonicalBase}/CodeSystem/ending-reason`, code: 'mistake' }] },
};

/**
 * The concern without this source; undefined when it does not rest on it. One that rested on nothing else and that nobody took up was a
 * mistake (FHIR R4, con-5: it then has no clinical status).
 */
export function withoutEvidence(concern: Kept, source: string): Kept | undefined {
  const evidence = concern.evidence ?? [];
  const left = evidence.filter(({ detail = [] }) => !detail.some(({ reference }) => reference === source));
  if (left.length === evidence.length) return undefined;
  const { evidence: _, clinicalStatus, ...rest } = concern;
  if (left.length > 0) return { ...concern, evidence: left };
  if (!isUntouched(concern)) return undefined;
  const system = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';
  const extension = [...(rest.extension ?? []), takenBack];
  return { ...rest, extension, evidence, verificationStatus: { coding: [{ system, code: 'entered-in-error' }] } };
}
