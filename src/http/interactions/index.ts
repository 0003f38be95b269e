import { fail, type Result } from '../../base/errors.ts';
import type { FhirContext, FhirResponse, Interactions } from '../fhir-request.ts';
import type { Operations } from '../operations.ts';
import { createBundle } from './bundle.ts';
import { create } from './create.ts';
import { remove } from './delete.ts';
import { history } from './history.ts';
import { historyOfTypes } from './history-of-types.ts';
import { knownParameters } from './known-parameters.ts';
import { patch } from './patch.ts';
import { read } from './read.ts';
import { search } from './search.ts';
import { update } from './update.ts';
import { vread } from './vread.ts';

/** The table of interactions: what a route's name runs. `apart`: types that are not among the resources, and answer by themselves. */
export function createInteractions(
  operations: Operations,
  apart: ReadonlyMap<string, Interactions> = new Map(),
): Interactions {
  const bundle = createBundle((route, request, context) => run(route, request, context));
  const run: Interactions = (route, request, context) =>
    // An operation may have done part of its work when it is refused.
    route.name === 'operation'
      ? runOnce(route, request, context)
      : freshly(() => runOnce(route, request, context), context);
  const runOnce: Interactions = async (route, request, context) => {
    const own = 'type' in route && route.name !== 'operation' ? apart.get(route.type ?? '') : undefined;
    if (own) return own(route, request, context);
    const known = knownParameters(route, request);
    if (!known.ok) return known;
    switch (route.name) {
      case 'read':
        return read(request, context);
      case 'vread':
        return vread(request, context);
      case 'history':
        return history(request, context);
      case 'history-type':
      case 'history-system':
        return historyOfTypes(request, context);
      case 'create':
        return create(request, context);
      case 'update':
        return update(request, context);
      case 'patch':
        return patch(request, context);
      case 'delete':
        return remove(request, context);
      case 'search':
      case 'search-system':
      case 'search-compartment':
        return search(request, context);
      case 'operation':
        return operations(route.operation, request, context);
      case 'bundle':
        return bundle(request, context);
      case 'capabilities':
      case 'smart-configuration':
        return fail('not-allowed', 'This address is read by itself, not from within a Bundle.');
    }
  };
  return run;
}

/**
 * Once more when it was refused and another process has meanwhile changed the search parameters: by the ones of now it may be
 * answered. What was refused has written nothing.
 */
async function freshly(
  answer: () => Promise<Result<FhirResponse>>,
  { store }: FhirContext,
): Promise<Result<FhirResponse>> {
  const first = await answer();
  if (first.ok || (first.error.kind !== 'invalid' && first.error.kind !== 'busy')) return first;
  return (await store.refresh().catch(() => false)) ? answer() : first;
}
