import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { ofPatient } from '../../fhir/provenance.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Tx, Written } from '../../store/types.ts';
import { childOf } from '../child.ts';

export interface Origin {
  /** What it was made from. */
  sources: readonly r4.Reference[];
  /** The words it was made from, kept as they were (JSON text). */
  quotation?: string;
  /** Who asked for it, when someone did. */
  onBehalfOf?: string;
}

/** Writes a resource with its id, and its Provenance when that made a new version. */
export async function writeWithOrigin(
  tx: Tx,
  resource: Resource,
  origin: Origin,
  clock: Clock,
): Promise<Result<Written>> {
  const written = await tx.update(resource);
  if (!written.ok || written.value.outcome === 'unchanged') return written;
  const recorded = await recordOrigin(tx, written.value, { ...origin, child: childOf(resource) }, clock);
  return recorded.ok ? written : recorded;
}

/**
 * Records where a version written by composing comes from. A quoted text is kept as a contained Binary, because the mirror it was
 * taken from may change later.
 */
async function recordOrigin(
  tx: Tx,
  written: Written,
  origin: Origin & { child: string | undefined },
  clock: Clock,
): Promise<Result<void>> {
  const { type, id, version } = written.stored;
  const provenance: r4.Provenance = {
    resourceType: 'Provenance',
    target: [{ reference: `${type}/${id}/_history/${version}` }],
    recorded: clock.now().toISOString(),
    activity: {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation',
          code: written.outcome === 'created' ? 'CREATE' : 'UPDATE',
        },
      ],
    },
    agent: [agentOf(origin.onBehalfOf)],
  };
  const entity: r4.ProvenanceEntity[] = origin.sources.map((what) => ({ role: 'source', what }));
  if (origin.quotation !== undefined) {
    const text = Buffer.from(origin.quotation).toString('base64');
    const quotation: r4.Binary = {
      resourceType: 'Binary',
      id: 'quotation',
      contentType: 'application/json',
      data: text,
    };
    provenance.contained = [quotation];
    entity.push({ role: 'quotation', what: { reference: '#quotation' } });
  }
  if (entity.length > 0) provenance.entity = entity;
  const recorded = await tx.create(ofPatient({ ...provenance }, origin.child));
  return recorded.ok ? ok(undefined) : recorded;
}

function agentOf(onBehalfOf: string | undefined): r4.ProvenanceAgent {
  const agent: r4.ProvenanceAgent = {
    type: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'assembler' }],
    },
    who: { identifier: { system: `${canonicalBase}/room`, value: 'care' }, display: 'Careweave' },
  };
  if (onBehalfOf?.includes('/')) agent.onBehalfOf = { reference: onBehalfOf };
  return agent;
}
