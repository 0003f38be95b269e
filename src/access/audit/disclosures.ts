import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import type { Sql } from '../../store/types.ts';
import { type Act, acts } from './acts.ts';
import { eventsOfPatient } from './find.ts';
import { mayReadTrail } from './may-read.ts';
import { keptFrom } from './prune.ts';
import { isEmergency } from './render.ts';
import type { Sealer } from './seal.ts';
import { ownReferences } from './shown-to-family.ts';
import { kindsOf, type Word, wordCoding } from './words.ts';

/** What one recipient was told of a patient, under one policy and for one purpose. */
export interface Disclosure {
  /** client_id of the app or system. */
  client: string;
  person?: string;
  first: string;
  last: string;
  times: number;
  kinds: Word[];
  purposes: string[];
  /** Version of the privacy policy; absent for a system that acts by its scopes alone. */
  policy?: string;
}

/** Acts that tell the caller something of the record. */
const telling = (Object.keys(acts) as Act[]).filter((act) => {
  const { type, action } = acts[act];
  return type === 'rest' && (action === 'R' || action === 'E') && act !== 'none';
});

/** An account of disclosures (PP-71): six years back, newest first. What was written is not told to anybody by that. */
export async function disclosuresOf(sql: Sql, patientId: string, now: Date): Promise<Disclosure[]> {
  const found = new Map<string, Disclosure>();
  for await (const { entry, patients } of eventsOfPatient(sql, patientId, {
    acts: telling,
    from: keptFrom(now).toISOString(),
  })) {
    const { client = 'unknown', person, policy, at, touched = [], purpose = [] } = entry;
    const purposes = isEmergency(entry, patients) ? [...new Set([...purpose, 'BTG'])] : purpose;
    const key = JSON.stringify([client, person, policy, purposes]);
    const one = found.get(key);
    const own = patients.length > 1 ? await ownReferences(sql, entry, patientId) : touched;
    const kinds = [...new Set([...(one?.kinds ?? []), ...kindsOf(own)])];
    found.set(key, {
      client,
      ...(person !== undefined && { person }),
      first: at,
      last: one?.last ?? at,
      times: (one?.times ?? 0) + 1,
      kinds,
      purposes,
      ...(policy !== undefined && { policy }),
    });
  }
  return [...found.values()];
}

/** `Patient/[id]/$disclosures`, for privacy officers. */
export function disclosuresOperation(deps: { sealer: Pick<Sealer, 'seal'>; clock: Clock }): Operation {
  return {
    name: 'disclosures',
    definition: `${canonicalBase}/OperationDefinition/disclosures`,
    level: 'instance',
    resourceType: 'Patient',
    affectsState: false,
    parameters: [],
    requires: [['AuditEvent', 's']],
    handle: (request) => handle(request, deps),
  };
}

async function handle(
  { principal, store, id = '' }: OperationRequest,
  { sealer, clock }: { sealer: Pick<Sealer, 'seal'>; clock: Clock },
): Promise<Result<Resource>> {
  const allowed = await mayReadTrail(store, principal, 's');
  if (!allowed.ok) return allowed;
  const sealed = await sealer.seal();
  if (!sealed.ok) return sealed;
  const disclosures = await disclosuresOf(store, id, clock.now());
  return ok({
    resourceType: 'Parameters',
    parameter: disclosures.map(({ client, person, first, last, times, kinds, purposes, policy }) => ({
      name: 'disclosure',
      part: [
        { name: 'client', valueString: client },
        ...(person === undefined ? [] : [{ name: 'person', valueString: person }]),
        { name: 'first', valueInstant: first },
        { name: 'last', valueInstant: last },
        { name: 'times', valueInteger: times },
        ...kinds.map((kind) => ({ name: 'what', valueCoding: wordCoding(kind) })),
        ...purposes.map((code) => ({
          name: 'purpose',
          valueCoding: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code },
        })),
        ...(policy === undefined ? [] : [{ name: 'policy', valueString: policy }]),
      ],
    })),
  });
}
