import { authorize } from '../../access/decide.ts';
import { ok } from '../../base/errors.ts';
import type { Interaction } from '../fhir-request.ts';
import { historyEntry, historyPageOf } from './history-page.ts';
import { notFound } from './read.ts';

/** `GET [base]/[type]/[id]/_history`: newest first, deletions included. */
export const history: Interaction = async (request, context) => {
  const { type = '', id = '' } = request;
  const visible = authorize(context.principal, type, 'r');
  if (!visible.ok) return visible;
  const newest = await context.store.read(type, id);
  if (!newest || !(await context.store.sees(visible.value, newest))) return notFound(type);
  const page = historyPageOf(request.query);
  if (!page.ok) return page;
  const found = await context.store.history(type, id, page.value);
  if (!found.ok) return found;
  const self = `${context.baseUrl}/${type}/${id}/_history`;
  const asked = new URLSearchParams(page.value.asked).toString();
  const link = [{ relation: 'self', url: `${self}?${asked}` }];
  if (found.value.next) {
    link.push({ relation: 'next', url: `${self}?${asked}&_cursor=${encodeURIComponent(found.value.next)}` });
  }
  const shown = [];
  for (const version of found.value.versions) {
    if (await context.store.sees(visible.value, version)) shown.push(version);
  }
  const entry = shown.map((version) => historyEntry(version, context.baseUrl));
  // A caller who sees one child only is not told how many versions there are: some may have been about another.
  const isFiltered = page.value.since !== undefined || page.value.at !== undefined;
  const isOneChild = visible.value.kind === 'limited' && visible.value.patientId !== undefined;
  const total = isFiltered || isOneChild ? {} : { total: found.value.total };
  return ok({
    status: 200,
    resource: { resourceType: 'Bundle', type: 'history', ...total, link, ...(entry.length > 0 && { entry }) },
  });
};
