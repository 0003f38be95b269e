import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { dateRange } from '../../fhir/date-range.ts';
import { parseJson } from '../../fhir/json.ts';
import type { HistoryFilter, Stored } from '../../store/types.ts';
import type { FhirContext, FhirRequest } from '../fhir-request.ts';
import { preference } from '../prefer.ts';
import { etagOf } from '../versions.ts';
import { unknownParameter } from './known-parameters.ts';

/** What a history URL asks for (FHIR R4, http.html#history). */
export interface HistoryAsked extends HistoryFilter {
  /** 0: how many there are, and none of them. */
  count: number;
  cursor?: string;
  /** The parameters as they were understood, for links. */
  asked: [string, string][];
}

type Query = readonly (readonly [string, string])[];

/**
 * What the parameters of a history say, or those that are sealed in a next link of `path`. Errors, all `invalid`: a parameter that a
 * history does not have (`Prefer: handling=lenient` ignores it), one that is given twice, or a value that is none.
 */
export function historyAsked(request: FhirRequest, path: string, context: FhirContext): Result<HistoryAsked> {
  const { handling } = preference(request.prefer);
  const sealed = request.query.find(([name]) => name === '_page');
  if (!sealed) return parametersOf(request.query, handling);
  const beside = request.query.find(([name]) => name !== '_page' && name !== '_format' && name !== '_pretty');
  if (beside) return fail('invalid', 'A page link has all that the next page needs: nothing may be added.');
  const opened = context.pageLinks.open(sealed[1], context.principal);
  if (!opened.ok) return opened;
  if (opened.value.type !== path)
    return fail('invalid', 'This page link belongs to another address.', { code: 'value' });
  const asked = parametersOf(opened.value.query, handling);
  return asked.ok ? ok({ ...asked.value, cursor: opened.value.cursor }) : asked;
}

function parametersOf(query: Query, handling: 'strict' | 'lenient'): Result<HistoryAsked> {
  const page: HistoryAsked = { count: limits.history.defaultCount, asked: [] };
  for (const [name, value] of query) {
    if (name === '_format' || name === '_pretty') continue;
    const take = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (!take && handling === 'lenient') continue;
    if (!take) return unknownParameter(name);
    if (page.asked.some(([seen]) => seen === name)) return fail('invalid', `${name} may be given once.`);
    page.asked.push([name, value]);
    const problem = take(page, value);
    if (problem !== undefined) return fail('invalid', problem, { code: 'value' });
  }
  if (!page.asked.some(([name]) => name === '_count')) page.asked.push(['_count', String(page.count)]);
  return ok(page);
}

/** Each takes its value into the page, or says what is wrong with it. */
const parameters: Record<string, (page: HistoryAsked, value: string) => string | undefined> = {
  _count(page, value) {
    page.count = Math.min(Number(value), limits.history.maxCount);
    return /^\d{1,9}$/.test(value) ? undefined : '_count takes a whole number.';
  },
  _since(page, value) {
    page.since = dateRange(value)?.start;
    return page.since === undefined ? '_since takes an instant, e.g. 2024-05-01T09:30:00Z.' : undefined;
  },
  _at(page, value) {
    page.at = dateRange(value);
    return page.at === undefined ? '_at takes a date or an instant.' : undefined;
  },
  _sort(_page, value) {
    // A history has one order; asking for it is no mistake.
    return value === '-_lastUpdated' ? undefined : 'A history is sorted by -_lastUpdated, and by nothing else.';
  },
};

/** A history Bundle with its links; `path` is the address below the base. */
export function historyBundle(
  found: { versions: readonly Stored[]; next?: string; total?: number },
  path: string,
  { asked }: HistoryAsked,
  { baseUrl, pageLinks, principal }: FhirContext,
) {
  const self = `${baseUrl}/${path}`;
  const link = [{ relation: 'self', url: `${self}?${new URLSearchParams(asked)}` }];
  if (found.next !== undefined) {
    const page = pageLinks.seal({ type: path, query: asked, cursor: found.next }, principal);
    link.push({ relation: 'next', url: `${self}?_page=${page}` });
  }
  const entry = found.versions.map((version) => historyEntry(version, baseUrl));
  const total = found.total === undefined ? {} : { total: found.total };
  return { resourceType: 'Bundle', type: 'history', ...total, link, ...(entry.length > 0 && { entry }) };
}

/** One version as an entry of a history Bundle. */
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
