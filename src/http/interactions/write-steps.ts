import { authorize, toldTo } from '../../access/decide.ts';
import { toldInPart } from '../../access/redact/check-whole.ts';
import type { Interaction as Letter } from '../../access/types.ts';
import { fail, type Issue, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { conditionalReferences } from '../../fhir/bundle.ts';
import { isResource } from '../../fhir/is-resource.ts';
import { parseJson } from '../../fhir/json.ts';
import { reachOf } from '../../fhir/patient-reach.ts';
import { parseSearch } from '../../fhir/search/parse.ts';
import { controls } from '../../fhir/search/parse-controls.ts';
import type { SearchQuery } from '../../fhir/search/query.ts';
import type { Resource } from '../../fhir/types.ts';
import { hasMoreValues } from '../../fhir/value-count.ts';
import type { Reader, Stored, Tx, Visibility, Written } from '../../store/types.ts';
import { seesAllOf, seesType } from '../../store/visibility.ts';
import type { FhirContext, FhirResponse } from '../fhir-request.ts';
import { mayJoin } from '../search-joins.ts';
import { resolveSearch } from '../search-terms.ts';
import { versionResponse } from '../versions.ts';

/** The steps that create, update, delete and the Bundle share. Each runs inside the caller's transaction. */

/** A resource that may be written, and what validation remarks about it all the same: warnings and information. */
export interface Checked {
  resource: Resource;
  remarks: Issue[];
}

/** The body as a resource of the type in the URL, valid by the base definitions and the profiles it claims. `reader`: the transaction within one. */
export async function checkedResource(
  body: unknown,
  type: string,
  context: FhirContext,
  reader: Reader = context.store,
): Promise<Result<Checked>> {
  if (!isResource(body)) return fail('invalid', 'The body must be one FHIR resource in JSON.', { code: 'structure' });
  if (body.resourceType !== type) {
    return fail('invalid', `The resource in the body is not a ${type}, as the URL says.`, { code: 'invalid' });
  }
  // Before anybody walks it: a million values keep every other request waiting for as long as it takes to look at them.
  if (hasMoreValues(body, limits.write.resourceValues)) {
    return fail('unprocessable', `A resource may have ${limits.write.resourceValues} values.`, { code: 'too-costly' });
  }
  const issues = await context.validate(body, { reader });
  const errors = issues.filter((issue) => !isRemark(issue));
  if (errors.length > 0) return { ok: false, error: { kind: 'unprocessable', issues: errors } };
  return ok({ resource: body, remarks: issues });
}

/** The same for a resource that comes by itself: what its conditional references would find, only a transaction may look up. */
export async function checkedAlone(
  body: unknown,
  type: string,
  context: FhirContext,
  reader?: Reader,
): Promise<Result<Checked>> {
  const checked = await checkedResource(body, type, context, reader);
  if (!checked.ok || conditionalReferences(checked.value.resource).length === 0) return checked;
  const text =
    'A conditional reference (Type?criteria) is resolved within a transaction only. Name the resource by its id.';
  return fail('invalid', text, { code: 'not-supported' });
}

function isRemark({ severity }: Issue): boolean {
  return severity === 'warning' || severity === 'information';
}

/** A checked resource as it is kept, of a caller who says its type in words of its own. `current`: the version that it replaces. */
export function heardFrom<R extends Resource>({ speaker }: FhirContext, resource: R, current?: Stored): Result<R> {
  if (!speaker?.types.has(resource.resourceType)) return ok(resource);
  const stored = current && !current.deleted ? (parseJson(current.json) as Resource) : undefined;
  // What is heard is the same resource in other words: its type and id are not a partner's to change.
  const heard = speaker.hear(resource, stored);
  return heard.ok ? ok(heard.value as R) : heard;
}

/** The answer with what validation remarked about the resource. */
export function withRemarks(answer: Result<FhirResponse>, remarks: readonly Issue[]): Result<FhirResponse> {
  return answer.ok && remarks.length > 0 ? ok({ ...answer.value, remarks }) : answer;
}

/**
 * The resource that conditional criteria point to: undefined when there is none. The criteria are locked until the
 * transaction ends, so that two callers with the same criteria cannot both find nothing (FHIR R4, http.html#ccreate). `letter`: creating
 * is enough for a conditional create (SMART App Launch 2.2), which then looks among what might be created only.
 */
export async function matchOne(
  tx: Tx,
  type: string,
  criteria: string,
  context: FhirContext,
  letter: 's' | 'c' = 's',
): Promise<Result<Stored | undefined>> {
  const named = [...new URLSearchParams(criteria.replace(/^\?/, ''))];
  if (named.length === 0)
    return fail('precondition', 'Conditional criteria must name at least one search parameter.', { code: 'required' });
  // What shapes a result narrows nothing: alone it would match whatever the one resource of the type is.
  const shaping = named.find(([name]) => Object.hasOwn(controls, name.split(':')[0] ?? ''));
  if (shaping) return fail('invalid', `${shaping[0].split(':')[0]} is no criterion of a conditional request.`);
  // What is not told is not found either: criteria are guarded as the search that they are.
  const guarded = await context.guard?.({ name: 'search', type }, { method: 'GET', type, query: named }, tx);
  if (guarded && !guarded.ok) return guarded;
  const principal = guarded?.value.principal ?? context.principal;
  const visible = authorize(principal, type, letter);
  if (!visible.ok) return visible;
  const parameters = guarded?.value.request.query ?? named;
  const parsed = parseSearch(context.definitions, type, parameters, { handling: 'strict', baseUrl: context.baseUrl });
  if (!parsed.ok) return parsed;
  const mayAsk = mayJoin(parsed.value.query, principal);
  if (!mayAsk.ok) return mayAsk;
  const { filters } = parsed.value.query;
  if (filters.length === 0)
    return fail('precondition', 'Conditional criteria must name at least one search parameter.', { code: 'required' });
  const resolved = await resolveSearch(parsed.value.query, 'strict', tx, context);
  if (!resolved.ok) return resolved;
  const asked = context.speaker?.ask(resolved.value.query) ?? resolved.value.query;
  const query: SearchQuery = { ...asked, count: 2, includes: [], revincludes: [], total: 'none' };
  if (guarded?.value.request.findsNothing) return ok(undefined);
  // Asked at once, carried out in this order: the search sees what whoever held the lock before has committed.
  const seen = toldTo(principal, visible.value);
  const [, found] = await Promise.all([tx.lock(criteriaLock(type, criteria)), tx.search(query, seen)]);
  if (!found.ok) return found;
  if (found.value.matches.length > 1) {
    return fail('precondition', `More than one ${type} matches the criteria.`, { code: 'multiple-matches' });
  }
  return ok(found.value.matches[0]);
}

/** The name of the lock on conditional criteria: the same for the same parameters in any order. */
export function criteriaLock(type: string, criteria: string): string {
  const parameters = [...new URLSearchParams(criteria.replace(/^\?/, ''))].map((pair) => pair.join('='));
  return `criteria:${type}?${parameters.sort().join('&')}`;
}

/** The parameters of a conditional request as criteria; what only shapes the answer is no criterion. */
export function criteriaOf(query: readonly (readonly [string, string])[]): string {
  const criteria = query.filter(([name]) => name !== '_format' && name !== '_pretty');
  return new URLSearchParams(criteria.map(([name, value]): [string, string] => [name, value])).toString();
}

/** Refuses a write whose result lies outside of what the caller may see: nobody writes into another child's chart. */
export async function keepWithin(tx: Tx, visible: Visibility, written: Written): Promise<Result<Written>> {
  if (written.stored.deleted || (await tx.sees(visible, written.stored))) return ok(written);
  return fail('forbidden', 'This write reaches outside of what the token allows.');
}

/**
 * The scopes allow writing the type, and what is granted for some patients' records writes those only: what all patients share (an
 * Organization, the logic of a measure) is not theirs to change. The answer is what may be written.
 */
export function mayWrite(type: string, letter: Letter, context: FhirContext): Result<Visibility> {
  const visible = authorize(context.principal, type, letter);
  if (!visible.ok || visible.value.kind === 'all' || reachOf(context.definitions, type) !== 'everybody') return visible;
  const grants = visible.value.grants.filter(({ patients }) => patients === undefined);
  const writable: Visibility = { kind: 'limited', grants };
  if (seesType(writable, type) || !seesType(visible.value, type)) return ok(writable);
  return fail('forbidden', "An access token for one patient changes that patient's records only.");
}

/**
 * The caller may write this existing resource only when it may see it; hidden is answered like absent. Who does not see every record of
 * the type therefore has no update that creates: what it answered would tell which ids are taken.
 */
export async function mayReplace(
  tx: Tx,
  type: string,
  id: string,
  letter: Letter,
  context: FhirContext,
): Promise<Result<{ visible: Visibility; current?: Stored }>> {
  const visible = mayWrite(type, letter, context);
  if (!visible.ok) return visible;
  // Locked from here on: what is decided below holds until it is written.
  await tx.hold([{ type, id }]);
  const current = await tx.read(type, id);
  // Asked in any case, so that what was hidden and is gone takes no longer than what never was.
  const isSeen = await tx.sees(visible.value, current ?? neverWas(type, id));
  const reached = current ? isSeen : seesAllOf(context.definitions, visible.value, type);
  if (!reached) {
    // Who is told it in part is told so with every answer, and hears nothing new here.
    const told = isToldPartly(type, context) && (await tx.readSeen(type, id, toldTo(context.principal, visible.value)));
    return told ? toldInPart([`${type}.meta.tag`]) : fail('not-found', `There is no such ${type}.`);
  }
  return ok({ visible: visible.value, current });
}

function neverWas(type: string, id: string): Stored {
  return { type, id, version: 0, lastUpdated: '', deleted: true, method: 'DELETE', json: '' };
}

/**
 * The answer to a write that gives back more than what the caller sent: a patched record, one that was there already. Who may not read it
 * is not told what it says.
 */
export async function readableResponse(tx: Tx, written: Written, context: FhirContext): Promise<FhirResponse> {
  const answer = writtenResponse(written, context);
  const { type } = written.stored;
  const readable = authorize(context.principal, type, 'r');
  if (!readable.ok) return withoutBody(answer);
  if (await tx.sees(readable.value, written.stored)) return answer;
  const { id, version } = written.stored;
  const told = isToldPartly(type, context) && (await tx.readSeen(type, id, toldTo(context.principal, readable.value)));
  return told && told.version === version ? { ...answer, json: told.json } : withoutBody(answer);
}

function withoutBody({ json: _json, ...told }: FhirResponse): FhirResponse {
  return told;
}

function isToldPartly(type: string, { principal }: FhirContext): boolean {
  return principal.view?.partly?.types.has(type) === true;
}

/** 201 with Location, or 200: the answer to a create or update. */
export function writtenResponse(written: Written, context: FhirContext): FhirResponse {
  const { stored, outcome } = written;
  const location = `${context.baseUrl}/${stored.type}/${stored.id}/_history/${stored.version}`;
  return versionResponse(stored, outcome === 'created' ? 201 : 200, { location, write: true });
}
