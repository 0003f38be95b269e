import type { Sql } from '../store/types.ts';
import { linksOf } from './identity/link.ts';
import { readReference } from './normalize/references.ts';
import { siteById } from './sites/registry.ts';

/** Our Patient id for what a site calls `ehrPatientId`; undefined when the child is not here. */
export async function patientFor(sql: Sql, siteId: string, ehrPatientId: string): Promise<string | undefined> {
  const links = await linksOf(sql, siteId, [{ type: 'Patient', ehrId: ehrPatientId }]);
  return links.get(`Patient/${ehrPatientId}`)?.id;
}

/**
 * Our `Type/id` for the user a site names (`fhirUser`, relative or absolute under the site's base); undefined when no
 * resource that we pulled refers to that person.
 */
export async function userFor(sql: Sql, siteId: string, reference: string): Promise<string | undefined> {
  const site = await siteById(sql, siteId);
  const target = site && readReference(reference, site.baseUrl);
  if (!target) return undefined;
  const link = (await linksOf(sql, siteId, [target])).get(`${target.type}/${target.ehrId}`);
  return link && `${link.type}/${link.id}`;
}
