import { parseJson, stringifyJson } from '../fhir/json.ts';
import { isObject } from '../fhir/search/walk-path.ts';
import type { Resource } from '../fhir/types.ts';
import type { Speaker } from '../module.ts';
import type { FhirResponse } from './fhir-request.ts';

/** An answer in the words of a caller who has some: each record of it, in a Bundle or in Parameters as by itself. */
export function toldBy(speaker: Speaker | undefined, answer: FhirResponse): FhirResponse {
  if (!speaker || (answer.json === undefined && answer.resource === undefined)) return answer;
  const body: unknown = answer.json === undefined ? answer.resource : parseJson(answer.json);
  const { resource: _resource, bytes: _bytes, ...rest } = answer;
  return { ...rest, json: stringifyJson(inWords(speaker, body)) };
}

function inWords(speaker: Speaker, body: unknown): unknown {
  if (!isObject(body)) return body;
  const { resourceType } = body;
  if (resourceType === 'Bundle' && Array.isArray(body.entry))
    return { ...body, entry: body.entry.map((entry: unknown) => holding(speaker, entry)) };
  if (resourceType === 'Parameters' && Array.isArray(body.parameter))
    return { ...body, parameter: body.parameter.map((part: unknown) => holding(speaker, part)) };
  return typeof resourceType === 'string' && speaker.types.has(resourceType) ? speaker.tell(body as Resource) : body;
}

/** An entry or a part: what it holds, and the parts within it. */
function holding(speaker: Speaker, holder: unknown): unknown {
  if (!isObject(holder)) return holder;
  return {
    ...holder,
    ...(isObject(holder.resource) && { resource: inWords(speaker, holder.resource) }),
    ...(Array.isArray(holder.part) && { part: holder.part.map((part: unknown) => holding(speaker, part)) }),
  };
}
