import { authorize, may, toldTo, visibilityOf } from '../access/decide.ts';
import { type Err, fail, ok, type Result } from '../base/errors.ts';
import { inCompartment, isCompartmentType } from '../fhir/compartment-params.ts';
import type { SearchScope } from '../fhir/search/parse.ts';
import { namedTypes } from '../fhir/search/parse-type.ts';
import type { Visibility } from '../store/types.ts';
import type { FhirContext, FhirRequest } from './fhir-request.ts';

/** Types that are not among the resources, and are not found together with them (audit-events.ts). */
const apart: ReadonlySet<string> = new Set(['AuditEvent']);

type Params = readonly (readonly [name: string, value: string])[];

/** The path of a search below the base: `Patient`, `` (the system), `Patient/1/Goal` or `Patient/1/*`. */
export function pathOf({ type, compartment }: FhirRequest): string {
  if (!compartment) return type ?? '';
  return `${compartment.type}/${compartment.id}/${type ?? '*'}`;
}

/** Where the page starts: the parameters of the URL, or those sealed in a next link. */
export function placeOf(
  request: FhirRequest,
  context: FhirContext,
): Result<{ query: Params; cursor: string | undefined; lenient?: boolean }> {
  const sealed = request.query.find(([name]) => name === '_page');
  if (!sealed) return ok({ query: request.query, cursor: undefined });
  const opened = context.pageLinks.open(sealed[1], context.principal);
  if (opened.ok && opened.value.type !== pathOf(request))
    return fail('invalid', 'This page link belongs to another address.', { code: 'value' });
  return opened;
}

/**
 * The types a request searches, what may be seen of them, and the parameters without `_type`. A type that is named must be one that
 * the token may search; where none is named, all that it may search are. Errors: `forbidden`, and `invalid` for a type that is
 * never in the compartment.
 */
export function scopeOf(
  request: FhirRequest,
  query: Params,
  { definitions, principal }: FhirContext,
): Result<{ scope: SearchScope; visible: Visibility; rest: Params }> {
  const { type } = request;
  const compartment = compartmentOf(request);
  if (!compartment.ok) return compartment;
  const named = type === undefined ? namedTypes(definitions, query) : ok({ types: [type], rest: query });
  if (!named.ok) return named;
  const within = (one: string) =>
    !compartment.value || inCompartment(definitions, compartment.value.type, one) !== undefined;
  const { types, rest } = named.value;
  for (const one of types ?? []) {
    const allowed = authorize(principal, one, 's');
    if (!allowed.ok) return allowed;
    if (type === undefined && apart.has(one))
      return fail(
        'invalid',
        `Search parameter '_type' cannot name ${one}: it is searched by itself, at its own address.`,
        {
          code: 'not-supported',
        },
      );
    if (!within(one)) return fail('invalid', `${one} is in no ${request.compartment?.type} compartment.`);
  }
  const searched = types ?? [...definitions.types].filter((one) => within(one) && may(principal, one, 's'));
  if (searched.length === 0) return nothing();
  const scope = { types: searched, ...(compartment.value && { compartment: compartment.value }) };
  return ok({ scope, visible: toldTo(principal, visibilityOf(principal, 's')), rest });
}

function compartmentOf({ compartment }: FhirRequest): Result<SearchScope['compartment']> {
  if (!compartment) return ok(undefined);
  const { type, id } = compartment;
  return isCompartmentType(type) ? ok({ type, id }) : fail('not-found', `${type} has no compartment.`);
}

function nothing(): Err {
  return fail('forbidden', "The access token's scopes do not allow searching.");
}
