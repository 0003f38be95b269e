import type { ScopeSet } from '../access/scopes.ts';
import type { AuthRoom } from './room.ts';
import type { FhirContextItem, Granted } from './types.ts';

/**
 * What a token response and an introspection say of the launch (SC-072 to SC-075). Nothing to a token without a patient/ or user/
 * scope, and nothing that names a resource the person may not see.
 */
export async function contextKeys(grant: Granted, scopes: ScopeSet, room: AuthRoom): Promise<Record<string, unknown>> {
  if (!scopes.resource.some(({ level }) => level !== 'system')) return {};
  const keys: Record<string, unknown> = {};
  if (grant.patientId !== undefined) {
    keys.patient = grant.patientId;
    keys.need_patient_banner = grant.needPatientBanner ?? true;
  }
  if (grant.encounterId !== undefined && (await room.mayKnow(grant, `Encounter/${grant.encounterId}`)))
    keys.encounter = grant.encounterId;
  const items = await knownItems(grant, room);
  if (items.length > 0) keys.fhirContext = items;
  if (grant.intent !== undefined) keys.intent = grant.intent;
  if (grant.smartStyleUrl !== undefined) keys.smart_style_url = grant.smartStyleUrl;
  if (grant.tenant !== undefined) keys.tenant = grant.tenant;
  if (grant.appContext !== undefined) keys.appContext = grant.appContext;
  return keys;
}

async function knownItems(grant: Granted, room: AuthRoom): Promise<FhirContextItem[]> {
  const items = (grant.fhirContext ?? []).filter(isWellFormed);
  const known = await Promise.all(
    items.map(({ reference }) => reference === undefined || room.mayKnow(grant, reference)),
  );
  return items.filter((_, at) => known[at]);
}

/**
 * SC-073: names something, relatively where it is a reference; a role is an absolute URI; the patient and the encounter of the launch
 * have keys of their own and are here only in another role.
 */
function isWellFormed({ reference, canonical, identifier, type, role }: FhirContextItem): boolean {
  if (reference === undefined && canonical === undefined && identifier === undefined) return false;
  if (reference !== undefined && !/^[A-Z][A-Za-z]{1,63}\/[A-Za-z\d.-]{1,64}$/.test(reference)) return false;
  if (role !== undefined && role !== 'launch' && !/^[a-z][a-z\d+.-]*:\S+$/i.test(role)) return false;
  const named = reference?.split('/')[0] ?? type;
  return !(named === 'Patient' || named === 'Encounter') || (role !== undefined && role !== 'launch');
}
