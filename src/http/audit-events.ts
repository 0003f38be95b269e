import { findEvents } from '../access/audit/find.ts';
import { mayReadTrail } from '../access/audit/may-read.ts';
import { renderEvent } from '../access/audit/render.ts';
import type { Sealer } from '../access/audit/seal.ts';
import { wantedEvents } from '../access/audit/search-parameters.ts';
import { fail, ok, type Result } from '../base/errors.ts';
import type { FhirContext, FhirRequest, FhirResponse, Interactions } from './fhir-request.ts';
import { notFound } from './interactions/read.ts';

/**
 * AuditEvents: read and searched by whom the trail is for, written by nobody. They are not among the resources: no include, no compartment
 * and no operation of anybody's reaches them.
 */
export function auditEvents(sealer: Pick<Sealer, 'seal'>): Interactions {
  return async (route, request, context) => {
    if (route.name === 'read') return readEvent(request, context, sealer);
    if (route.name === 'search') return searchEvents(request, context, sealer);
    if (route.name === 'search-compartment') {
      const { type, id } = route.compartment;
      if (type !== 'Patient')
        return fail('invalid', `AuditEvents are not searched by ${type}.`, { code: 'not-supported' });
      const query = [['patient', `Patient/${id}`] as const, ...request.query];
      return searchEvents({ ...request, compartment: undefined, query }, context, sealer);
    }
    return fail('not-allowed', 'AuditEvents are read and searched; this server alone records them.');
  };
}

async function readEvent(
  { id = '' }: FhirRequest,
  { principal, store, baseUrl }: FhirContext,
  sealer: Pick<Sealer, 'seal'>,
): Promise<Result<FhirResponse>> {
  const allowed = await mayReadTrail(store, principal, 'r');
  if (!allowed.ok) return allowed;
  const sealed = await sealer.seal();
  if (!sealed.ok) return sealed;
  const [event] = /^\d{1,18}$/.test(id) ? await findEvents(store, { seqs: [id], count: 1 }) : [];
  return event ? ok(answerOf(renderEvent(event, baseUrl))) : notFound('AuditEvent');
}

async function searchEvents(
  request: FhirRequest,
  { principal, store, baseUrl, pageLinks }: FhirContext,
  sealer: Pick<Sealer, 'seal'>,
): Promise<Result<FhirResponse>> {
  const allowed = await mayReadTrail(store, principal, 's');
  if (!allowed.ok) return allowed;
  const sealedPage = request.query.find(([name]) => name === '_page')?.[1];
  const place = sealedPage === undefined ? undefined : pageLinks.open(sealedPage, principal);
  if (place && !place.ok) return place;
  if (place && place.value.type !== 'AuditEvent')
    return fail('invalid', 'This page link belongs to another address.', { code: 'value' });
  const query = place?.value.query ?? request.query;
  const wanted = wantedEvents(query);
  if (!wanted.ok) return wanted;
  const sealed = place ? ok(0) : await sealer.seal();
  if (!sealed.ok) return sealed;
  const { count } = wanted.value;
  const below = place?.value.cursor;
  const found = await findEvents(store, { ...wanted.value, count: count + 1, ...(below !== undefined && { below }) });
  const events = found.slice(0, count);
  const self = new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString();
  const link = [{ relation: 'self', url: `${baseUrl}/AuditEvent${self && `?${self}`}` }];
  const last = events.at(-1);
  if (last && found.length > count) {
    const page = pageLinks.seal({ type: 'AuditEvent', query, cursor: last.seq }, principal);
    link.push({ relation: 'next', url: `${baseUrl}/AuditEvent?_page=${page}` });
  }
  const entry = events.map((event) => ({
    fullUrl: `${baseUrl}/AuditEvent/${event.seq}`,
    resource: renderEvent(event, baseUrl),
    search: { mode: 'match' },
  }));
  return ok(answerOf({ resourceType: 'Bundle', type: 'searchset', link, ...(entry.length > 0 && { entry }) }));
}

/** As text: what is in it was read from the trail, not from records, and is not to be looked through for more. */
function answerOf(resource: object): FhirResponse {
  return { status: 200, json: JSON.stringify(resource) };
}
