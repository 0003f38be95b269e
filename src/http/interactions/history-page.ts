import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { dateRange } from '../../fhir/date-range.ts';
import { parseJson } from '../../fhir/json.ts';
import type { HistoryFilter, Stored } from '../../store/types.ts';
import { etagOf } from '../versions.ts';

/** What a history URL asks for (FHIR R4, http.html#history). */
export interface HistoryAsked extends HistoryFilter {
  count: number;
  cursor?: string;
  /** The parameters as they were understood, for links. */
  asked: [string, string][];
}

/** Reads `_count`, `_since`, `_at` and the `_cursor` of our own links; anything else is refused. */
export function historyPageOf(query: readonly (readonly [string, string])[]): Result<HistoryAsked> {
  const page: HistoryAsked = { count: limits.history.defaultCount, asked: [] };
  for (const [name, value] of query) {
    if (name === '_format' || name === '_pretty') continue;
    if (name === '_cursor') page.cursor = value;
    else if (!takeParameter(page, name, value))
      return fail('invalid', `The history parameter ${name} is not supported here, or its value is not.`, {
        code: 'not-supported',
      });
  }
  if (!page.asked.some(([name]) => name === '_count')) page.asked.push(['_count', String(page.count)]);
  return ok(page);
}

function takeParameter(page: HistoryAsked, name: string, value: string): boolean {
  if (page.asked.some(([seen]) => seen === name)) return false;
  page.asked.push([name, value]);
  if (name === '_count') {
    page.count = Math.min(Number(value), limits.history.maxCount);
    return /^\d{1,9}$/.test(value);
  }
  const range = dateRange(value);
  if (name === '_since') page.since = range?.start;
  else if (name === '_at') page.at = range;
  else return false;
  return range !== undefined;
}

/** One version as an entry of a history Bundle. */
export function historyEntry(version: Stored, baseUrl: string): object {
  const url = version.method === 'POST' ? version.type : `${version.type}/${version.id}`;
  const status = version.deleted ? '204 No Content' : version.version === 1 ? '201 Created' : '200 OK';
  const entry = {
    fullUrl: `${baseUrl}/${version.type}/${version.id}`,
    request: { method: version.method, url },
    response: { status, etag: etagOf(version), lastModified: version.lastUpdated },
  };
  return version.deleted ? entry : { ...entry, resource: parseJson(version.json) };
}
