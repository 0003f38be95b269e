import type { Result } from '../../base/errors.ts';
import { fail, ok } from '../../base/errors.ts';
import { type BundlePlan, isRefused, type PlannedEntry } from '../../fhir/bundle.ts';
import type { FhirContext, FhirRequest, FhirResponse, Interactions } from '../fhir-request.ts';
import { type Route, routeOf } from '../route.ts';
import { patchOfEntry } from './patch.ts';

/** Every entry by itself, in the order of the specification; one that fails does not touch the others (FHIR R4, http.html#batch). */
export function createBatch(run: Interactions) {
  return async (
    plan: BundlePlan,
    request: FhirRequest,
    context: FhirContext,
  ): Promise<Result<Result<FhirResponse>[]>> => {
    const answers: Result<FhirResponse>[] = plan.entries.map((entry) =>
      isRefused(entry) ? { ok: false, error: entry.refused } : fail('internal', 'not run'),
    );
    for (const index of plan.order) {
      const entry = plan.entries[index];
      if (entry && !isRefused(entry)) answers[index] = await runEntry(entry, request, context, run);
    }
    return ok(answers);
  };
}

async function runEntry(
  entry: PlannedEntry,
  request: FhirRequest,
  context: FhirContext,
  run: Interactions,
): Promise<Result<FhirResponse>> {
  const inner = requestOfEntry(entry, request);
  const route = routeOf(entry.method, pathOfEntry(entry), (type) => context.definitions.types.has(type));
  if (!route.ok) return route;
  if (route.value.name === 'bundle') return fail('invalid', 'A Bundle cannot hold another batch or transaction.');
  const asked = { ...inner, ...(entry.version ? { version: entry.version } : {}) };
  const guarded = await guardEntry(route.value, asked, context);
  if (!guarded.ok) return guarded;
  return bodyFor(entry, await run(route.value, guarded.value.request, guarded.value.context));
}

/** An entry asks no more than the same request by itself may: what leads to hidden records finds nothing. */
export async function guardEntry(
  route: Route,
  request: FhirRequest,
  context: FhirContext,
): Promise<Result<{ request: FhirRequest; context: FhirContext }>> {
  const guarded = await context.guard?.(route, request);
  if (!guarded) return ok({ request, context });
  if (!guarded.ok) return guarded;
  return ok({ request: guarded.value.request, context: { ...context, principal: guarded.value.principal } });
}

/** The answer to a HEAD entry has no body, whatever the interaction found. */
export function bodyFor({ method }: PlannedEntry, answer: Result<FhirResponse>): Result<FhirResponse> {
  if (!answer.ok || method !== 'HEAD') return answer;
  const { json: _json, resource: _resource, ...head } = answer.value;
  return ok(head);
}

/** The entry as a request of its own. */
export function requestOfEntry(entry: PlannedEntry, request: FhirRequest): FhirRequest {
  return {
    method: entry.method,
    type: entry.type === '' ? undefined : entry.type,
    id: entry.id,
    compartment: entry.compartment,
    query: [...new URLSearchParams(entry.query ?? '')],
    body: entry.method === 'PATCH' ? patchOfEntry(entry.resource) : entry.resource,
    ifMatch: entry.ifMatch,
    ifNoneMatch: entry.ifNoneMatch,
    ifModifiedSince: entry.ifModifiedSince,
    ifNoneExist: entry.ifNoneExist,
    prefer: request.prefer,
  };
}

function pathOfEntry(entry: PlannedEntry): string[] {
  const { compartment } = entry;
  if (compartment) return [compartment.type, compartment.id, entry.type === '' ? '*' : entry.type];
  const path = [entry.type, entry.id ?? ''].filter((part) => part !== '');
  if (entry.version !== undefined) path.push('_history', ...(entry.version === '' ? [] : [entry.version]));
  if (entry.operation !== undefined) path.push(`$${entry.operation}`);
  return path;
}
