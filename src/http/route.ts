import { fail, ok, type Result } from '../base/errors.ts';
import { isCompartmentType } from '../fhir/compartment-params.ts';

/** What a URL under the FHIR base asks for. Source: FHIR R4, http.html#summary. */
export type Route =
  | { name: 'capabilities' }
  | { name: 'smart-configuration' }
  | { name: 'bundle' }
  | { name: 'create'; type: string }
  | { name: 'search'; type: string }
  | { name: 'search-system' }
  /** Without a type: all types of the compartment. */
  | { name: 'search-compartment'; compartment: { type: string; id: string }; type?: string }
  | { name: 'read'; type: string; id: string }
  | { name: 'vread'; type: string; id: string; version: string }
  | { name: 'history'; type: string; id: string }
  | { name: 'history-type'; type: string }
  | { name: 'history-system' }
  | { name: 'update'; type: string; id?: string }
  | { name: 'patch'; type: string; id?: string }
  | { name: 'delete'; type: string; id?: string }
  | { name: 'operation'; operation: string; type?: string; id?: string };

const id = /^[A-Za-z0-9\-.]{1,64}$/;

/**
 * Reads method and path (already split and decoded, without the FHIR base). `knows` tells the R4 resource types.
 * A path that no interaction has is `not-found`; a path that exists with another method is `not-allowed`.
 */
export function routeOf(method: string, path: readonly string[], knows: (type: string) => boolean): Result<Route> {
  const verb = method === 'HEAD' ? 'GET' : method;
  const [first, second, third, fourth] = path;
  if (first === undefined) return allow(verb, { GET: { name: 'search-system' }, POST: { name: 'bundle' } });
  if (first === '_search' && path.length === 1) return allow(verb, { POST: { name: 'search-system' } });
  if (first === 'metadata' && path.length === 1) return allow(verb, { GET: { name: 'capabilities' } });
  if (first === '.well-known' && second === 'smart-configuration' && path.length === 2) {
    return allow(verb, { GET: { name: 'smart-configuration' } });
  }
  if (first.startsWith('$') && path.length === 1) return operation(verb, first, {});
  if (first === '_history' && path.length === 1) return allow(verb, { GET: { name: 'history-system' } });
  if (!knows(first)) return fail('not-found', 'There is no such resource type or path on this server.');
  const type = first;
  if (second === undefined) {
    return allow(verb, {
      GET: { name: 'search', type },
      POST: { name: 'create', type },
      PUT: { name: 'update', type },
      PATCH: { name: 'patch', type },
      DELETE: { name: 'delete', type },
    });
  }
  if (second === '_search' && path.length === 2)
    return allow(verb, { POST: { name: 'search', type }, GET: { name: 'search', type } });
  if (second.startsWith('$') && path.length === 2) return operation(verb, second, { type });
  if (second === '_history' && path.length === 2) return allow(verb, { GET: { name: 'history-type', type } });
  // An update could create what is not there, so here the id is what is wrong (FHIR R4, http.html#upsert).
  if (!id.test(second) && verb === 'PUT' && third === undefined)
    return fail('invalid', 'An id has 1 to 64 of the characters A-Z, a-z, 0-9, - and .', { code: 'value' });
  if (!id.test(second)) return fail('not-found', 'There is no such path on this server.');
  const instance = { type, id: second };
  if (third === undefined) {
    return allow(verb, {
      GET: { name: 'read', ...instance },
      PUT: { name: 'update', ...instance },
      PATCH: { name: 'patch', ...instance },
      DELETE: { name: 'delete', ...instance },
    });
  }
  if (third.startsWith('$') && path.length === 3) return operation(verb, third, instance);
  const compartment = compartmentRoute(verb, instance, path.slice(2), knows);
  if (compartment) return compartment;
  if (third !== '_history' || path.length > 4) return fail('not-found', 'There is no such path on this server.');
  if (fourth === undefined) return allow(verb, { GET: { name: 'history', ...instance } });
  return allow(verb, { GET: { name: 'vread', ...instance, version: fourth } });
}

/** `Patient/1/Goal`, `Patient/1/*`, and `_search` behind either or behind `Patient/1` itself (R4, http.html#search). */
function compartmentRoute(
  verb: string,
  compartment: { type: string; id: string },
  [name = '', last, ...more]: readonly string[],
  knows: (type: string) => boolean,
): Result<Route> | undefined {
  const ofAll = name === '*' || name === '_search';
  const isPath = last === undefined || (last === '_search' && name !== '_search' && more.length === 0);
  if (!isPath || !isCompartmentType(compartment.type) || !(ofAll || knows(name))) return undefined;
  const route: Route = { name: 'search-compartment', compartment, ...(!ofAll && { type: name }) };
  return allow(verb, name === '_search' || last === '_search' ? { POST: route } : { GET: route });
}

function operation(verb: string, name: string, at: { type?: string; id?: string }): Result<Route> {
  const route: Route = { name: 'operation', operation: name.slice(1), ...at };
  return allow(verb, { GET: route, POST: route });
}

function allow(verb: string, routes: Partial<Record<string, Route>>): Result<Route> {
  const route = routes[verb];
  if (route) return ok(route);
  const methods = Object.keys(routes);
  const refused = fail('not-allowed', `This path supports ${methods.join(', ')} only.`);
  return { ok: false, error: { ...refused.error, methods } };
}
