import { parseJson } from '../../fhir/json.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Principal } from '../types.ts';
import type { Redactor } from './redactor.ts';

/** Each of some records as this caller is told it, before something is made of them together: as they would leave in one answer. */
export async function toldEach(
  redactor: Pick<Redactor, 'redact'>,
  principal: Principal,
  resources: readonly Resource[],
): Promise<Resource[]> {
  const entry = resources.map((resource) => ({ resource }));
  const bundle: Resource = { resourceType: 'Bundle', type: 'collection', entry };
  const { json, resource } = await redactor.redact<{ status: number; resource?: Resource; json?: string }>(
    { status: 200, resource: bundle },
    principal,
  );
  const told = json === undefined ? resource : parseJson(json);
  if (!isObject(told) || !Array.isArray(told.entry)) return [];
  return told.entry.flatMap((one) => (isObject(one) && isObject(one.resource) ? [one.resource as Resource] : []));
}
