import type { Request, Response } from 'express';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Hospital } from '../hospital.ts';
import type { Grant } from '../oauth/grants.ts';
import { outcome, refuse, sendResource } from './answer.ts';
import type { PageSession, PageSessions } from './page-sessions.ts';
import { applySearchRules } from './search-rules.ts';

interface Entry {
  fullUrl?: string;
  resource: Resource | r4.OperationOutcome;
  search: { mode: 'match' | 'include' | 'outcome' };
}

/** The one patient a search is about, when its parameters say so plainly. */
function patientOf(query: URLSearchParams): string | undefined {
  for (const name of ['patient', 'subject']) {
    const value = query.get(name);
    const id = value === null ? undefined : /^(?:Patient\/)?([A-Za-z0-9.-]{1,64})$/.exec(value)?.[1];
    if (id && (name === 'patient' || value?.startsWith('Patient/'))) return id;
  }
  return undefined;
}

async function entriesFor(hospital: Hospital, session: PageSession, ids: string[]): Promise<Entry[]> {
  const entries: Entry[] = [];
  const add = (resource: Resource, mode: 'match' | 'include') =>
    entries.push({ fullUrl: `${hospital.base}/${resource.resourceType}/${resource.id}`, resource, search: { mode } });
  for (const id of ids) {
    // A resource deleted since the search began is left out, not an error.
    const { resource } = await hospital.chart.read(session.type, id);
    if (resource) add(resource, 'match');
  }
  if (session.includes.size > 0 && ids.length > 0) {
    for (const resource of await hospital.chart.included(session.type, ids, session.includes)) add(resource, 'include');
  }
  return entries;
}

async function page(
  hospital: Hospital,
  sessions: PageSessions,
  session: PageSession,
  warnings: string[],
): Promise<Resource> {
  const ids = session.ids.slice(0, session.count);
  const rest = session.ids.slice(session.count);
  const entry = await entriesFor(hospital, session, ids);
  for (const text of warnings)
    entry.push({ resource: outcome('processing', text, 'warning'), search: { mode: 'outcome' } });
  const link = [
    { relation: 'self', url: `${hospital.base}/${session.type}${session.selfQuery && `?${session.selfQuery}`}` },
  ];
  if (rest.length > 0) {
    const token = sessions.open({ ...session, ids: rest });
    link.push({ relation: 'next', url: `${hospital.base}/${session.type}?_page=${token}` });
  }
  return { resourceType: 'Bundle', type: 'searchset', total: session.total, link, ...(entry.length > 0 && { entry }) };
}

function warningsFor(hospital: Hospital, ignored: string[], found: number): string[] {
  const warnings = ignored.map((name) => `Search parameter ${name} is not supported and was ignored.`);
  if (found === 0 && hospital.personality.warnsWhenEmpty) warnings.push('The search found no resources.');
  return warnings;
}

/** A type-level search, or a later page of one. `grant.patient` limits everything to that patient's records. */
export async function search(
  hospital: Hospital,
  sessions: PageSessions,
  grant: Grant,
  request: Request,
  response: Response,
): Promise<void> {
  const type = String(request.params.type);
  const asked = new URL(request.originalUrl, hospital.base).searchParams;
  if (typeof request.body === 'string')
    for (const [name, value] of new URLSearchParams(request.body)) asked.append(name, value);
  const token = asked.get('_page');
  if (token !== null) {
    const session = sessions.find(token, grant.clientId);
    if (!session || session.type !== type)
      return refuse(response, 410, 'expired', 'This page link has expired: search again.');
    return sendResource(response, 200, await page(hospital, sessions, session, []));
  }
  const applied = applySearchRules(type, asked, hospital);
  if ('code' in applied) return refuse(response, 400, applied.code, applied.text);
  if (applied.ignored.length > 0 && /handling=strict/.test(request.get('prefer') ?? '')) {
    return refuse(response, 400, 'not-supported', `Not supported here: ${applied.ignored.join(', ')}.`);
  }
  const result = await hospital.chart.search(type, applied.query, grant.patient ?? patientOf(applied.query));
  if ('refused' in result)
    return sendResource(response, result.refused.status, { ...result.refused.outcome } as Resource);
  const ids = grant.patient
    ? result.ids.filter((id) => hospital.chart.concernsOnly(type, id, String(grant.patient)))
    : result.ids;
  const selfQuery = new URLSearchParams([
    ...applied.query,
    ...applied.includes,
    ['_count', String(applied.count)],
  ]).toString();
  const session = {
    type,
    ids: applied.countOnly ? [] : ids,
    count: applied.count,
    total: ids.length,
    selfQuery,
    includes: applied.includes,
    clientId: grant.clientId,
    expiresAt: 0,
  };
  const found = await page(hospital, sessions, session, warningsFor(hospital, applied.ignored, ids.length));
  sendResource(response, 200, found);
}
