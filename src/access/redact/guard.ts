import { fail, ok, type Result } from '../../base/errors.ts';
import type { Definitions } from '../../fhir/definitions.ts';
import { parseJson } from '../../fhir/json.ts';
import type { SearchParam } from '../../fhir/search/query.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import type { Principal, Redaction, View } from '../types.ts';
import { hidesVersions } from './answer.ts';
import { toldInPart } from './check-whole.ts';
import { formerAsked } from './former.ts';
import type { LookUpFor } from './look-up-once.ts';
import { type LookUpDeps, localTarget, lookUp, placeOf, targetsIn } from './references.ts';
import { placeParameters } from './whereabouts.ts';

/** What of a request the guard looks at; the server's FhirRequest is one. */
export interface Asked {
  method: string;
  type?: string;
  id?: string;
  query: readonly (readonly [string, string])[];
  body?: unknown;
  ifNoneMatch?: string;
  ifModifiedSince?: string;
  ifNoneExist?: string;
}

export interface Guarded<R extends Asked> {
  request: R;
  principal: Principal;
  /** A reference that is asked for leads to nothing that this viewer sees: the answer is that of an id that never was. */
  findsNothing: boolean;
}

export interface GuardDeps extends LookUpDeps {
  baseUrl: string;
  lookUpFor: LookUpFor;
  /** `YYYY-MM-DD` in the time zone of the policy. */
  today(): string;
  /** `removedParameters`, worked out once for each redaction. */
  removed(redaction: Redaction): ReadonlySet<string>;
}

/** Parameters that tell, by what they find, what a family is not told. */
const neverForFamilies: ReadonlySet<string> = new Set([
  ...['_lastUpdated', '_security', '_since', '_at', '_source', '_filter', '_text', '_content', '_list', '_query'],
]);

const notTold = (what: string) => fail('forbidden', `${what} is not told to this viewer.`);

/**
 * Before an interaction, for somebody whose answers are redacted: refuses what would find by a thing that is taken out of the answer,
 * whatever the records say, and leaves out of a search what leads to hidden records.
 */
export async function guard<R extends Asked>(
  route: string,
  request: R,
  principal: Principal & { view: View & { redaction: Redaction } },
  deps: GuardDeps,
): Promise<Result<Guarded<R>>> {
  const { view } = principal;
  const parts = [partOf(route, request), ...entriesOf(route, request.body)];
  const isFamily = hidesVersions(view.redaction);
  const written =
    request.method === 'GET' || request.method === 'HEAD'
      ? ok(undefined)
      : await mayWrite(request.body, isFamily, view, deps);
  if (!written.ok) return written;
  if (!isFamily) {
    const whole = await isToldWhole(route, request, view, deps);
    if (!whole.ok) return whole;
    const told = await withoutHiddenTargets(request, view, 'hidden', deps);
    return ok({
      request: { ...request, query: told.query },
      principal: withoutPlaces(principal, parts),
      findsNothing: told.findsNothing,
    });
  }
  for (const part of parts) {
    const refused = refusal(part, view.redaction, deps);
    if (refused) return refused;
  }
  const asked = isOfOthers(route, request) ? [] : parts.flatMap(({ names }) => names);
  const former = await formerAsked(asked, view.redaction, deps.sql, deps.today());
  if (former !== undefined) return notTold(`What the parameter ${former} finds`);
  const { query, findsNothing } = await withoutHiddenTargets(request, view, 'unseen', deps);
  const { ifNoneMatch: _match, ifModifiedSince: _since, ...rest } = request;
  return ok({ request: { ...rest, query } as R, principal, findsNothing });
}

/** A search of another type, that leads nowhere else, asks nothing of a Patient. */
function isOfOthers(route: string, { type, query, ifNoneExist }: Asked): boolean {
  if (route === 'bundle' || type === undefined || type === 'Patient' || ifNoneExist !== undefined) return false;
  return !query.some(([name]) => /[.:]/.test(name));
}

interface Part {
  names: string[];
  isHistory: boolean;
  isPatch: boolean;
}

function partOf(route: string, { query, ifNoneExist }: Pick<Asked, 'query' | 'ifNoneExist'>): Part {
  const all = [...query, ...new URLSearchParams((ifNoneExist ?? '').replace(/^\?/, ''))];
  const names = all.flatMap(([name, value]) => [
    ...name.split(/[.:]/),
    ...(name === '_sort' ? value.split(',').map((key) => key.replace(/^-/, '')) : []),
  ]);
  return { names, isHistory: route === 'vread' || route.startsWith('history'), isPatch: route === 'patch' };
}

/** The requests within a batch or a transaction. */
function entriesOf(route: string, body: unknown): Part[] {
  if (route !== 'bundle' || !isObject(body) || !Array.isArray(body.entry)) return [];
  return body.entry.flatMap((entry) => {
    const request = isObject(entry) && isObject(entry.request) ? entry.request : undefined;
    if (!request) return [];
    const [path = '', search = ''] = String(request.url ?? '').split('?', 2);
    const ifNoneExist = typeof request.ifNoneExist === 'string' ? request.ifNoneExist : undefined;
    const inner = { query: [...new URLSearchParams(search)], ...(ifNoneExist !== undefined && { ifNoneExist }) };
    const kind = path.includes('_history') ? 'history' : request.method === 'PATCH' ? 'patch' : 'entry';
    return [partOf(kind, inner)];
  });
}

function refusal({ names, isHistory, isPatch }: Part, redaction: Redaction, deps: GuardDeps) {
  // What it tests for, and what it fails at, would tell what was left out of the record.
  if (isPatch) return fail('forbidden', 'This viewer changes a record by PUT, not by PATCH.');
  if (isHistory) return notTold('What a record said before, and when that changed,');
  const never = names.find((name) => neverForFamilies.has(name));
  if (never !== undefined) return notTold(`What ${never} finds`);
  if (names.includes('missing')) return notTold('What :missing finds');
  const removed = deps.removed(redaction);
  const byPlace = redaction.withoutWhereabouts.length > 0 ? placeParameters : new Set<string>();
  const hidden = names.find((name) => removed.has(name) || byPlace.has(name));
  return hidden === undefined ? undefined : notTold(`What the parameter ${hidden} finds`);
}

/** Search parameters that look at elements that are taken out for some patient of this viewer. */
export function removedParameters({ rules }: Redaction, definitions: Definitions): Set<string> {
  const found = new Set<string>();
  for (const { rule } of rules) {
    for (const [type, elements] of rule.removes) {
      for (const param of definitions.searchParams(type).values()) {
        if (looksAt(elements, type, param)) found.add(param.code);
      }
    }
  }
  // By these a record is asked for its patient, which everybody is told.
  for (const code of ['patient', 'subject', '_id']) found.delete(code);
  return found;
}

/** By the elements of one type, as the policy lists them: a view is new every two seconds, and thousands of expressions take milliseconds. */
const looking = new WeakMap<readonly string[], WeakMap<SearchParam, boolean>>();

function looksAt(elements: readonly string[], type: string, param: SearchParam): boolean {
  const known = looking.get(elements) ?? new WeakMap<SearchParam, boolean>();
  looking.set(elements, known);
  const does =
    known.get(param) ?? elements.some((element) => new RegExp(`\\b${type}\\.${element}\\b`).test(param.expression));
  known.set(param, does);
  return does;
}

/**
 * Leaves out what refers to hidden records (for families, also what refers to none). Nothing left of a parameter: nothing is found, as by an
 * id that never was. What a clinician asks for by patient is left to the visibility.
 */
async function withoutHiddenTargets(request: Asked, view: View, what: 'hidden' | 'unseen', deps: GuardDeps) {
  const asked = request.query.map(([name, value]) => ({
    name,
    value,
    targets: targetsOf(request.type, name, value, deps),
  }));
  const isAsked = (target: string) => what === 'unseen' || !everyonesTypes.test(target);
  const all = new Set(asked.flatMap(({ targets }) => targets.flat()).filter(isAsked));
  if (all.size === 0) return { query: request.query, findsNothing: false };
  const found = await deps.lookUpFor(view, all);
  const isGone = (own: readonly string[]) => {
    if (own.length === 0 || own.some((target) => found.seen.has(target))) return false;
    return what === 'unseen' || own.some((target) => found.hidden.has(target));
  };
  let findsNothing = false;
  const query = asked.map(({ name, value, targets }): [string, string] => {
    const kept = value.split(',').filter((_one, at) => !isGone(targets[at] ?? []));
    if (kept.length === 0) findsNothing = true;
    return [name, kept.length === 0 ? value : kept.join(',')];
  });
  return { query, findsNothing };
}

const everyonesTypes = /^(HealthcareService|Location|Organization|Patient|Practitioner|PractitionerRole)\//;

/** For each value of a parameter the records that it may name: `Type/id`, or an id where the parameter's types are known. */
function targetsOf(
  type: string | undefined,
  name: string,
  value: string,
  { definitions, baseUrl }: GuardDeps,
): string[][] {
  const params = namedParameters(type, name, definitions);
  const modifier = name.split(':').at(-1) ?? '';
  return value.split(',').map((one) => {
    const named = localTarget(one, baseUrl);
    if (named !== undefined) return definitions.types.has(named.split('/')[0] ?? '') ? [named] : [];
    if (params.length === 0 || !/^[A-Za-z0-9\-.]{1,64}$/.test(one)) return [];
    const types = definitions.types.has(modifier) ? [modifier] : params.flatMap(({ targets = [] }) => targets);
    return [...new Set(types)].map((target) => `${target}/${one}`);
  });
}

/** The reference parameters that a name may end with: of the type itself, of the one that `_has` names, or of any where a chain leads on. */
function namedParameters(type: string | undefined, name: string, definitions: Definitions): SearchParam[] {
  const [head = '', source = '', , ...rest] = name.split(':');
  const isHas = head === '_has' && rest.length <= 2 && rest[0] !== '_has' && !name.includes('.');
  const isDirect = !name.includes('.') && head !== '_has';
  // Where a chain leads on, any of its parts may be the one that the value is for.
  const codes = isDirect ? [head] : isHas ? [rest[0] ?? ''] : name.split(/[.:]/);
  const types = isDirect ? [type ?? ''] : isHas ? [source] : [...definitions.types];
  const found = types.flatMap((one) => codes.flatMap((code) => definitions.searchParams(one).get(code) ?? []));
  return found.filter(({ kind }) => kind === 'reference');
}

/**
 * What was told in part is not written back: what was left out would be lost. And a family writes nothing that refers to a record it does
 * not see, whether that is there or not.
 */
async function mayWrite(body: unknown, isFamily: boolean, view: View, deps: GuardDeps): Promise<Result<void>> {
  if (!isObject(body)) return ok(undefined);
  const entries = body.resourceType === 'Bundle' && Array.isArray(body.entry) ? body.entry : [{ resource: body }];
  const resources = entries.flatMap((entry) => (isObject(entry) && isObject(entry.resource) ? [entry.resource] : []));
  if (!isFamily && resources.some(isSubsetted)) return toldInPart([`${String(resources[0]?.resourceType)}.meta.tag`]);
  if (!isFamily) return ok(undefined);
  const targets = targetsIn(resources, deps.baseUrl);
  const { seen } = await lookUp(targets, view, deps);
  if ([...targets].every((target) => seen.has(target))) return ok(undefined);
  const isUnseen = (reference: string) => {
    const target = localTarget(reference, deps.baseUrl);
    return target !== undefined && !seen.has(target);
  };
  const places = resources.map((one) => placeOf(one, String(one.resourceType), isUnseen));
  const place = places.find((one) => one !== undefined);
  return fail('unprocessable', `${place ?? 'The resource'} refers to a record that is not there.`, {
    code: 'not-found',
    ...(place !== undefined && { expression: [place] }),
  });
}

/** A patch is refused before it is tried: what it tests for would tell what was left out. Other writes: `checkWhole`. */
async function isToldWhole(route: string, { type, id }: Asked, view: View, deps: GuardDeps): Promise<Result<void>> {
  if (route !== 'patch' || type === undefined || id === undefined) return ok(undefined);
  const text = 'SELECT content FROM resource WHERE type = $1 AND id = $2 AND NOT deleted';
  const [row] = await deps.sql.query<{ content: string }>(text, [type, id], 'told-whole');
  if (!row) return ok(undefined);
  const itself = `${type}/${id}`;
  const found = await lookUp(new Set([itself, ...targetsIn(parseJson(row.content), deps.baseUrl)]), view, deps);
  // Of a record that is hidden itself nothing is said: the interaction answers as for one that never was.
  if (found.hidden.size === 0 || found.hidden.has(itself)) return ok(undefined);
  return toldInPart([`${type}.meta.tag`]);
}

function isSubsetted({ meta }: Record<string, unknown>): boolean {
  const tags = isObject(meta) && Array.isArray(meta.tag) ? meta.tag : [];
  return tags.some((tag) => isObject(tag) && tag.code === 'SUBSETTED');
}

/** A search by a place does not find those whose place is kept from the viewer. */
function withoutPlaces(
  principal: Principal & { view: View & { redaction: Redaction } },
  parts: readonly Part[],
): Principal {
  const { withoutWhereabouts } = principal.view.redaction;
  const isByPlace = parts.some(({ names }) => names.some((name) => placeParameters.has(name)));
  if (!isByPlace || withoutWhereabouts.length === 0) return principal;
  const grants = principal.view.grants.map((grant) => ({
    ...grant,
    except: [...new Set([...(grant.except ?? []), ...withoutWhereabouts])],
  }));
  return { ...principal, view: { ...principal.view, grants } };
}
