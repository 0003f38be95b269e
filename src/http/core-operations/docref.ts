import { authorize } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { dateRange } from '../../fhir/date-range.ts';
import { parseJson } from '../../fhir/json.ts';
import { parseSearch } from '../../fhir/search/parse.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Operation, OperationParameters, OperationRequest } from '../../module.ts';
import type { CoreDeps } from './index.ts';

/** A continuity of care document: what is asked for when no type is given. */
const careDocument = 'http://loinc.org|34133-9';
const id = /^[A-Za-z0-9\-.]{1,64}$/;

/**
 * `DocumentReference/$docref` (US Core, OperationDefinition docref): the current documents of a patient, of one type, about a stretch of
 * care; without one, the newest of them. Only what there is: `on-demand` is refused, and so is `profile`.
 */
export function docref(deps: CoreDeps): Operation {
  return {
    name: 'docref',
    definition: 'http://hl7.org/fhir/us/core/OperationDefinition/docref',
    level: 'type',
    resourceType: 'DocumentReference',
    affectsState: false,
    requires: [['DocumentReference', 's']],
    parameters: ['patient', 'start', 'end', 'type', 'on-demand', 'profile'],
    handle: (request) => find(request, deps),
  };
}

async function find({ parameters, principal, store }: OperationRequest, deps: CoreDeps): Promise<Result<Resource>> {
  const visible = authorize(principal, 'DocumentReference', 's');
  if (!visible.ok) return visible;
  const criteria = criteriaOf(parameters);
  if (!criteria.ok) return criteria;
  const isNewest = !criteria.value.some(([name]) => name === 'period');
  const order: Criterion[] = [
    ['_sort', '-date'],
    ['_count', String(isNewest ? 1 : limits.search.maxCount)],
  ];
  const options = { handling: 'strict', baseUrl: deps.baseUrl } as const;
  const parsed = parseSearch(deps.definitions, 'DocumentReference', [...criteria.value, ...order], options);
  if (!parsed.ok) return parsed;
  const found = await store.search(parsed.value.query, visible.value);
  if (!found.ok) return found;
  if (!isNewest && found.value.next !== undefined)
    return fail('too-large', 'There are too many documents: ask for a shorter time with start and end.');
  const entry = found.value.matches.map((stored) => ({
    fullUrl: `${deps.baseUrl}/DocumentReference/${stored.id}`,
    resource: parseJson(stored.json),
    search: { mode: 'match' },
  }));
  return ok({ resourceType: 'Bundle', type: 'searchset', total: entry.length, ...(entry.length > 0 && { entry }) });
}

type Criterion = [name: string, value: string];

/** The parameters of the operation as a search. */
function criteriaOf(parameters: OperationParameters): Result<Criterion[]> {
  const patient = parameters.text('patient')?.replace(/^Patient\//, '');
  if (patient === undefined || !id.test(patient))
    return fail('invalid', '$docref takes the id of one patient as patient.', { code: 'required' });
  if (parameters.text('profile') !== undefined) return unsupported('profile');
  const onDemand = parameters.text('on-demand');
  if (onDemand !== undefined && onDemand !== 'false') return unsupported('on-demand');
  const type = typeOf(parameters);
  if (type === undefined) return fail('invalid', '$docref takes a code as type.', { code: 'value' });
  const criteria: Criterion[] = [
    ['patient', `Patient/${patient}`],
    ['status', 'current'],
    ['type', type],
  ];
  for (const [name, prefix] of [
    ['start', 'ge'],
    ['end', 'le'],
  ] as const) {
    const date = parameters.text(name);
    if (date === undefined) continue;
    if (!dateRange(date)) return fail('invalid', `${name} takes a date.`, { code: 'value' });
    criteria.push(['period', `${prefix}${date}`]);
  }
  return ok(criteria);
}

function unsupported(name: string) {
  return fail('invalid', `$docref gives what documents there are: ${name} is not supported.`, {
    code: 'not-supported',
  });
}

/** A token as it is written in a URL, or a CodeableConcept: any of its codings will do. */
function typeOf(parameters: OperationParameters): string | undefined {
  const value = parameters.value?.('type');
  if (!isObject(value)) return parameters.text('type') ?? (value === undefined ? careDocument : undefined);
  const codings = Array.isArray(value.coding) ? value.coding.filter(isObject) : [];
  const tokens = codings.flatMap(({ system, code }) =>
    typeof code === 'string'
      ? [typeof system === 'string' ? `${escaped(system)}|${escaped(code)}` : escaped(code)]
      : [],
  );
  return tokens.length > 0 ? tokens.join(',') : undefined;
}

/** What has a meaning within a search value. */
function escaped(text: string): string {
  return text.replace(/[\\,|$]/g, '\\$&');
}
