import type { Clock } from '../../base/clock.ts';
import { fail, ok } from '../../base/errors.ts';
import type { Definitions } from '../../fhir/definitions.ts';
import { parseJson } from '../../fhir/json.ts';
import { reachOf } from '../../fhir/patient-reach.ts';
import type { IndexEntries } from '../../fhir/search/extract.ts';
import type { Resource } from '../../fhir/types.ts';
import type { WriteCheck, WriteConclusion } from '../../store/types.ts';
import { recordWrites } from './record-writes.ts';
import { createRequests, type Requests } from './requests.ts';

export interface AuditDeps {
  definitions: Definitions;
  extract: (resource: Resource) => IndexEntries;
  clock: Clock;
}

/** What of the audit trail is part of every transaction: made before there is a store. */
export interface Audit {
  requests: Requests;
  checks: readonly WriteCheck[];
  conclusions: readonly WriteConclusion[];
}

export function createAudit({ definitions, extract, clock }: AuditDeps): Audit {
  const personal = new Set([...definitions.types].filter((type) => reachOf(definitions, type) !== 'everybody'));
  const requests = createRequests({
    isPersonal: (type) => personal.has(type),
    patientsOf: (json) => extract(parseJson(json) as Resource).patients,
  });
  return { requests, checks: [neverWritten], conclusions: [recordWrites({ requests, clock })] };
}

/** The trail writes itself. What other systems recorded would stand beside it as if it were ours, so it is refused. */
const neverWritten: WriteCheck = {
  name: 'audit-trail',
  types: ['AuditEvent'],
  check: async ({ outcome }) =>
    outcome === 'deleted' ? ok(undefined) : fail('not-allowed', 'AuditEvents are recorded by this server alone.'),
};
