import { limits } from '../../base/limits.ts';
import { isResource } from '../../fhir/is-resource.ts';
import type { Resource } from '../../fhir/types.ts';
import { shapes, textOf } from '../shape.ts';
import type { EhrClient } from '../transport/client.ts';
import type { EhrFailure } from '../transport/failure.ts';
import type { Warnings } from './warnings.ts';

export interface Found {
  /** By id, so that shifted or repeated pages do no harm. */
  resources: Map<string, Resource>;
  /** False when pages are missing: absence then proves nothing. */
  complete: boolean;
  failure?: EhrFailure;
}

/**
 * All pages of one search. Guards: a `next` link seen before, one that leaves the site's origin, two empty pages in a row and
 * too many pages all end the search as incomplete. Entries that are OperationOutcomes become warnings.
 */
export async function searchAll(
  client: EhrClient,
  type: string,
  params: Record<string, string>,
  warnings: Warnings,
): Promise<Found> {
  const found: Found = { resources: new Map(), complete: false };
  const visited = new Set<string>();
  let answer = await client.search(type, { ...params, _count: String(limits.sync.pageSize) });
  for (let pages = 1, empty = 0; ; pages += 1) {
    if (!answer.ok) return { ...found, failure: answer.failure };
    const page = answer.value.resource;
    if (page?.resourceType !== 'Bundle')
      return { ...found, failure: { class: 'malformed', status: answer.value.status } };
    const taken = takeEntries(page, type, found.resources, warnings);
    empty = taken === 0 ? empty + 1 : 0;
    const next = shapes(page.link).find((link) => link.relation === 'next');
    const url = textOf(next?.url);
    if (url === undefined) return { ...found, complete: true };
    const stop = visited.has(url)
      ? 'page-loop'
      : empty > 1
        ? 'empty-pages'
        : pages >= limits.sync.pagesPerSearch && 'page-cap';
    if (stop) {
      warnings.add(stop, type);
      return found;
    }
    visited.add(url);
    answer = await client.page(url);
    if (!answer.ok && answer.failure.class === 'blocked') warnings.add('next-link-refused', type);
  }
}

/** Keeps what was searched for; tells how many entries there were. */
function takeEntries(page: Resource, type: string, into: Map<string, Resource>, warnings: Warnings): number {
  const entries = shapes(page.entry);
  for (const { resource } of entries) {
    if (!isResource(resource)) continue;
    if (resource.resourceType === 'OperationOutcome') {
      for (const issue of shapes(resource.issue)) warnings.add(`outcome-${outcomeCode(issue.code)}`, type);
    } else if (resource.resourceType !== type) {
      warnings.add('unexpected-type', type);
    } else if (textOf(resource.id) === undefined) {
      warnings.add('no-id', type);
    } else {
      into.set(String(resource.id), resource);
    }
  }
  return entries.length;
}

/** An issue code as the site wrote it, when it looks like one: free text never gets into a warning. */
function outcomeCode(code: unknown): string {
  const text = textOf(code);
  return text !== undefined && /^[a-z-]{1,40}$/.test(text) ? text : 'unknown';
}
