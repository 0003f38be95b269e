import { ok, type Result } from '../../../base/errors.ts';
import { limits } from '../../../base/limits.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../../module.ts';
import { askLink } from './ask-link.ts';
import { type LinkRow, linksOf } from './link-row.ts';
import type { LinkDeps } from './make-operation.ts';

/**
 * `GET Patient/[id]/$emergency-links`: the newest links to the child's emergency plan, for everybody who sees it: until when they last, whether and when
 * they were opened, whether they are mine; never who else made one.
 */
export function listLinksOperation(deps: LinkDeps): Operation {
  return {
    name: 'emergency-links',
    definition: `${canonicalBase}/OperationDefinition/emergency-links`,
    level: 'instance',
    resourceType: 'Patient',
    affectsState: false,
    parameters: [],
    requires: [
      ['Patient', 'r'],
      ['CarePlan', 'r'],
    ],
    handle: (request) => handle(request, deps),
  };
}

async function handle(request: OperationRequest, { clock, readsAs }: LinkDeps): Promise<Result<Resource>> {
  const asked = await askLink(request, readsAs);
  if (!asked.ok) return asked;
  const { patientId, person } = asked.value;
  const rows = await linksOf(request.store, patientId, limits.care.linksListed);
  const parameter = rows.map((row) => ({ name: 'link', part: partsOf(row, person, clock.now()) }));
  return ok({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });
}

function partsOf(row: LinkRow, person: string, now: Date): r4.ParametersParameter[] {
  return [
    { name: 'id', valueId: row.id },
    { name: 'label', valueString: row.label },
    { name: 'status', valueCode: row.ended_why ?? (row.expires_at > now ? 'open' : 'expired') },
    { name: 'flag', valueCode: row.has_passcode ? 'P' : 'U' },
    { name: 'mine', valueBoolean: row.made_by === person },
    { name: 'made', valueInstant: row.made_at.toISOString() },
    { name: 'expires', valueInstant: row.expires_at.toISOString() },
    { name: 'openings', valueUnsignedInt: row.opened },
    ...(row.opened_at ? [{ name: 'opened', valueInstant: row.opened_at.toISOString() }] : []),
  ];
}
