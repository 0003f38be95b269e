import type { SearchQuery } from '../../fhir/search/query.ts';
import { seesAll, type Tx } from '../../store/types.ts';
import { resourceOf } from '../stored.ts';
import { type Baseline, drugKeys, isTaken, weightOf } from './triggers.ts';

/** What the child weighs and takes now: what later changes are measured against. */
export async function readBaseline(tx: Pick<Tx, 'recordsOf' | 'search'>, patientId: string): Promise<Baseline> {
  const orders = (await tx.recordsOf([patientId], ['MedicationRequest', 'MedicationStatement'])).map(({ stored }) =>
    resourceOf(stored),
  );
  const drugs = [...new Set(orders.filter(isTaken).flatMap(drugKeys))].sort();
  const found = await tx.search(weightsOf(patientId), seesAll);
  const weights = found.ok ? found.value.matches.flatMap((one) => weightOf(resourceOf(one)) ?? []) : [];
  const last = weights.reduce<(typeof weights)[number] | undefined>(
    (latest, one) => (latest === undefined || one.on > latest.on ? one : latest),
    undefined,
  );
  return { ...(last && { grams: last.grams, weighedOn: last.on }), drugs };
}

/** A child's body weights, the newest written first. */
export function weightsOf(patientId: string): SearchQuery {
  const code = { code: 'code', kind: 'token', expression: 'Observation.code' } as const;
  const patient = {
    code: 'patient',
    kind: 'reference',
    expression: 'Observation.subject',
    targets: ['Patient'],
  } as const;
  return {
    type: 'Observation',
    filters: [
      { kind: 'filter', param: patient, values: [{ kind: 'reference', type: 'Patient', id: patientId }] },
      {
        kind: 'filter',
        param: code,
        values: ['29463-7', '3141-9'].map((one) => ({ kind: 'token', system: 'http://loinc.org', code: one })),
      },
    ],
    includes: [],
    revincludes: [],
    sort: [],
    count: 1000,
    total: 'none',
  };
}
