import type { Resource } from '../../fhir/types.ts';

const rosterId = 'roster';

/** The group of all patients: where a vendor has no open patient search, a backend service learns from it who there is. */
export function rosterOf(patientIds: readonly string[], version: number, lastUpdated: string): Resource {
  const member = patientIds.map((id) => ({ entity: { reference: `Patient/${id}` } }));
  return {
    resourceType: 'Group',
    id: rosterId,
    meta: { versionId: String(version), lastUpdated },
    type: 'person',
    actual: true,
    active: true,
    name: 'Roster',
    quantity: patientIds.length,
    ...(member.length > 0 && { member }),
  };
}
