import { fail, ok, type Result } from '../../base/errors.ts';
import type { FhirRequest } from '../fhir-request.ts';
import { preference } from '../prefer.ts';
import type { Route } from '../route.ts';

/** How an answer is written; understood everywhere. */
const everywhere: readonly string[] = ['_format', '_pretty'];

/** By interaction: what its URL may say besides. Those that are not here look at their parameters themselves. */
const known: Partial<Record<Route['name'], readonly string[]>> = {
  read: ['_summary', '_elements'],
  vread: ['_summary', '_elements'],
  create: [],
  update: [],
  patch: [],
  delete: [],
  bundle: [],
};

/**
 * Refuses a parameter that the interaction does not have: a caller who wrote `_elments` must not take the whole for the part.
 * `Prefer: handling=lenient` ignores it (FHIR R4, search.html#errors).
 */
export function knownParameters(route: Route, request: FhirRequest): Result<void> {
  const own = known[route.name];
  const isConditional = request.id === undefined && ['update', 'patch', 'delete'].includes(route.name);
  if (!own || isConditional || preference(request.prefer).handling === 'lenient') return ok(undefined);
  const unknown = request.query.find(([name]) => !everywhere.includes(name) && !own.includes(name));
  return unknown ? unknownParameter(unknown[0]) : ok(undefined);
}

/** A name is repeated to the client only when it has the shape of one: values do end up in the wrong place. */
export function unknownParameter(name: string) {
  const shown = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(name) ? ` '${name}'` : ' of that name';
  return fail('invalid', `There is no parameter${shown} here.`, { code: 'not-supported' });
}
