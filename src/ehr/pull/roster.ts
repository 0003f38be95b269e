import { fail, ok, type Result } from '../../base/errors.ts';
import { readReference } from '../normalize/references.ts';
import { shapes, textOf } from '../shape.ts';
import type { Site } from '../sites/site.ts';
import type { EhrClient } from '../transport/client.ts';
import { siteError } from '../transport/site-error.ts';
import { searchAll } from './search-all.ts';
import type { Warnings } from './warnings.ts';

/**
 * The ids of the patients of a site. `auto`: a free Patient search where the site allows one; where it insists on more
 * (issue code `required`), the members of the Group `roster`.
 */
export async function readRoster(site: Site, client: EhrClient, warnings: Warnings): Promise<Result<string[]>> {
  if (site.roster.startsWith('group:')) return readGroup(site, client, site.roster.slice('group:'.length));
  const found = await searchAll(client, 'Patient', {}, warnings);
  if (!found.failure) return ok([...found.resources.keys()].sort());
  const mayAsk = site.roster === 'auto' && ['required', 'refused', 'not-granted'].includes(found.failure.class);
  return mayAsk ? readGroup(site, client, 'roster') : fail(...siteError(found.failure, 'the search for patients'));
}

async function readGroup(site: Site, client: EhrClient, id: string): Promise<Result<string[]>> {
  const answer = await client.read('Group', id);
  if (!answer.ok) return fail(...siteError(answer.failure, `the roster Group/${id}`));
  const ids = shapes(answer.value.resource?.member)
    .filter((member) => member.inactive !== true)
    .flatMap((member) => shapes(member.entity))
    .map((entity) => readReference(textOf(entity.reference) ?? '', site.baseUrl))
    .filter((target) => target?.type === 'Patient')
    .map((target) => target?.ehrId ?? '');
  return ok([...new Set(ids)].sort());
}
