import { parseJson } from '../../fhir/json.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Principal } from '../types.ts';
import type { Answered, Redactor } from './redactor.ts';

/** A resource as this caller is told it: as it would leave in an answer. */
export async function toldOne(
  redactor: Pick<Redactor, 'redact'>,
  principal: Principal,
  resource: Resource,
): Promise<Resource> {
  const answer: Answered = { status: 200, resource };
  const told = await redactor.redact(answer, principal);
  // What something was taken out of is text.
  if (told.json !== undefined) return parseJson(told.json) as Resource;
  if (told.resource === undefined) throw new Error('what is told has no body');
  return told.resource;
}

/** Each of some records as this caller is told it, before something is made of them together: as they would leave in one answer. */
export async function toldEach(
  redactor: Pick<Redactor, 'redact'>,
  principal: Principal,
  resources: readonly Resource[],
): Promise<Resource[]> {
  const entry = resources.map((resource) => ({ resource }));
  const bundle: Resource = { resourceType: 'Bundle', type: 'collection', entry };
  const told: unknown = await toldOne(redactor, principal, bundle);
  if (!isObject(told) || !Array.isArray(told.entry)) return [];
  return told.entry.flatMap((one) => (isObject(one) && isObject(one.resource) ? [one.resource as Resource] : []));
}
