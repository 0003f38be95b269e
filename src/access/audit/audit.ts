import type { Clock } from '../../base/clock.ts';
import { fail, ok } from '../../base/errors.ts';
import type { Definitions } from '../../fhir/definitions.ts';
import { reachOf } from '../../fhir/patient-reach.ts';
import type { JobHandler, RoomGauge } from '../../module.ts';
import type { NewJob, WriteCheck, WriteConclusion } from '../../store/types.ts';
import { recordWrites } from './record-writes.ts';
import { createRequests, type RequestParts, type Requests } from './requests.ts';
import { verifiedGauges, verifyJob, verifyTrailJob } from './verify-job.ts';

export interface AuditDeps {
  definitions: Definitions;
  /** Our FHIR base, without a trailing slash. */
  baseUrl: string;
  clock: Clock;
}

/** What of the audit trail is part of every transaction: made before there is a store. */
export interface Audit {
  requests: Requests;
  checks: readonly WriteCheck[];
  conclusions: readonly WriteConclusion[];
  jobs: readonly JobHandler[];
  gauges: readonly RoomGauge[];
  /** To be queued at start: the first nightly verification, which then queues itself. */
  verifyJob: NewJob;
}

export function createAudit({ definitions, baseUrl, clock }: AuditDeps): Audit {
  const personal = new Set([...definitions.types].filter((type) => reachOf(definitions, type) !== 'everybody'));
  const requests = createRequests({
    isPersonal: (type) => personal.has(type),
    ...patientsNamed(baseUrl),
  });
  return {
    requests,
    checks: [neverWritten],
    conclusions: [recordWrites({ requests, clock })],
    jobs: [verifyTrailJob],
    gauges: verifiedGauges,
    verifyJob,
  };
}

/**
 * The patients that a record refers to, from its text as the store keeps it (without white space): reading it as JSON would cost more than all
 * else that the trail does. It may say one too many, a child who is merely mentioned, and never one too few.
 */
function patientsNamed(baseUrl: string): Pick<RequestParts, 'patientsOf' | 'wholeReference'> {
  const base = baseUrl.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pattern = new RegExp(`"reference":"(?:${base}/)?Patient/([A-Za-z0-9\\-.]{1,64})[/"]`, 'g');
  return {
    patientsOf: (json) => Array.from(json.matchAll(pattern), ([, id = '']) => id),
    wholeReference: `"reference":"${baseUrl}/Patient/`,
  };
}

/** The trail writes itself. What other systems recorded would stand beside it as if it were ours, so it is refused. */
const neverWritten: WriteCheck = {
  name: 'audit-trail',
  types: ['AuditEvent'],
  check: async ({ outcome }) =>
    outcome === 'deleted' ? ok(undefined) : fail('not-allowed', 'AuditEvents are recorded by this server alone.'),
};
