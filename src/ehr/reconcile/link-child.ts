import { ok, type Result } from '../../base/errors.ts';
import { isResource } from '../../fhir/is-resource.ts';
import { parseJson } from '../../fhir/json.ts';
import type { Tx, Written } from '../../store/types.ts';
import { siteIdentifier } from '../normalize/generic.ts';
import { shapes } from '../shape.ts';

/**
 * Tells a child of ours how a site calls it: one more identifier, nothing else. The site's demographics stay in the raw body
 * and never overwrite ours.
 */
export async function nameAtSite(
  tx: Tx,
  patientId: string,
  baseUrl: string,
  ehrId: string,
): Promise<Result<Written | undefined>> {
  const stored = await tx.read('Patient', patientId);
  const patient = stored && !stored.deleted ? parseJson(stored.json) : undefined;
  if (!isResource(patient)) return ok(undefined);
  const identifier = siteIdentifier(baseUrl, { type: 'Patient', ehrId });
  const known = shapes(patient.identifier).some(
    (each) => each.system === identifier.system && each.value === identifier.value,
  );
  if (known) return ok(undefined);
  return tx.update({ ...patient, identifier: [...shapes(patient.identifier), identifier] });
}
