import { authorize } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { parseJson } from '../../fhir/json.ts';
import type { Stored } from '../../store/types.ts';
import type { Interaction } from '../fhir-request.ts';
import { etagOf } from '../versions.ts';
import { notFound } from './read.ts';

/** `GET [base]/[type]/[id]/_history`: newest first, deletions included. */
export const history: Interaction = async (request, context) => {
  const { type = '', id = '' } = request;
  const visible = authorize(context.principal, type, 'r');
  if (!visible.ok) return visible;
  const newest = await context.store.read(type, id);
  if (!newest || !(await context.store.sees(visible.value, newest))) return notFound(type);
  const page = pageOf(request.query);
  if (!page.ok) return page;
  const found = await context.store.history(type, id, page.value);
  if (!found.ok) return found;
  const self = `${context.baseUrl}/${type}/${id}/_history`;
  const link = [{ relation: 'self', url: `${self}?_count=${page.value.count}` }];
  if (found.value.next) {
    link.push({
      relation: 'next',
      url: `${self}?_count=${page.value.count}&_cursor=${encodeURIComponent(found.value.next)}`,
    });
  }
  const shown = [];
  for (const version of found.value.versions) {
    if (await context.store.sees(visible.value, version)) shown.push(version);
  }
  const entry = shown.map((version) => historyEntry(version, context.baseUrl));
  // A caller who sees one child only is not told how many versions there are: some may have been about another.
  const total =
    visible.value.kind === 'limited' && visible.value.patientId !== undefined ? {} : { total: found.value.total };
  return ok({
    status: 200,
    resource: { resourceType: 'Bundle', type: 'history', ...total, link, entry },
  });
};

function pageOf(query: readonly (readonly [string, string])[]): Result<{ count: number; cursor?: string }> {
  const page: { count: number; cursor?: string } = { count: limits.history.defaultCount };
  for (const [name, value] of query) {
    if (name === '_format' || name === '_pretty') continue;
    if (name === '_cursor') page.cursor = value;
    else if (name === '_count' && /^\d{1,9}$/.test(value))
      page.count = Math.min(Number(value), limits.history.maxCount);
    else
      return fail('invalid', `The history parameter ${name} is not supported here, or its value is not.`, {
        code: 'not-supported',
      });
  }
  return ok(page);
}

function historyEntry(version: Stored, baseUrl: string): object {
  const url = version.method === 'POST' ? version.type : `${version.type}/${version.id}`;
  const status = version.deleted ? '204 No Content' : version.version === 1 ? '201 Created' : '200 OK';
  const entry = {
    fullUrl: `${baseUrl}/${version.type}/${version.id}`,
    request: { method: version.method, url },
    response: { status, etag: etagOf(version), lastModified: version.lastUpdated },
  };
  return version.deleted ? entry : { ...entry, resource: parseJson(version.json) };
}
