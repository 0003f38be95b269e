import { canonicalBase } from '../../fhir/shared-plan.ts';

/** Codings of a Provenance that tells of a decision: what was decided, and about which kind of row. */
export const choiceSystem = `${canonicalBase}/CodeSystem/reconciliation-choice`;
export const kindSystem = `${canonicalBase}/CodeSystem/reconciliation-kind`;
