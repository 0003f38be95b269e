import { fail, ok, type Result } from '../../base/errors.ts';
import type { FhirPath, TypedNode } from '../../fhir/fhirpath.ts';
import { isResource } from '../../fhir/is-resource.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import type { r4 } from '../../fhir/types.ts';
import { type Extracted, extractedId, responseKey, withLabels } from './extracted.ts';
import { fillElement } from './fill-template.ts';
import { type AnswerItem, answersOf, type FormItem, isQuestion } from './items.ts';
import { type Extended, extension, extensions, sdc } from './sdc.ts';

interface Walk {
  form: r4.Questionnaire;
  response: r4.QuestionnaireResponse;
  fhirPath: FhirPath;
  found: Extracted[];
}

interface Place {
  context: TypedNode;
  /** Where in the response, for ids that stay the same. */
  path: string;
  variables: Readonly<Record<string, TypedNode>>;
}

/**
 * Template-based extraction (SDC 4): for every item that names contained templates and is answered, and for the form itself, each template
 * with the values in it. `templateExtractBundle` gives entries with requests of their own. Pure. Errors: `unprocessable` when the form names
 * a template that it does not have, or an expression cannot be evaluated.
 */
export function extractTemplates(
  form: r4.Questionnaire,
  response: r4.QuestionnaireResponse,
  fhirPath: FhirPath,
): Result<Extracted[]> {
  const walk: Walk = { form, response, fhirPath, found: [] };
  const context = { type: 'QuestionnaireResponse', value: response };
  const given = { resource: context, questionnaire: { type: 'Questionnaire', value: form } };
  const root: Place = { context, path: '', variables: allocated(form, '', given, response) };
  const made = templatesOf(form, root, walk);
  if (!made.ok) return made;
  const inner = level(form.item ?? [], response.item ?? [], root, walk);
  return inner.ok ? ok(walk.found) : inner;
}

function allocated(
  element: Extended,
  path: string,
  above: Readonly<Record<string, TypedNode>>,
  response: r4.QuestionnaireResponse,
): Readonly<Record<string, TypedNode>> {
  const names = extensions(element, sdc.extractAllocateId).flatMap(({ valueString }) => valueString ?? []);
  const own = names.map((name) => {
    const value = `urn:uuid:${extractedId(responseKey(response), 'allocated', path, name)}`;
    return [name, { type: 'string', value }] as const;
  });
  return { ...above, ...Object.fromEntries(own) };
}

function level(asked: readonly FormItem[], given: readonly AnswerItem[], above: Place, walk: Walk): Result<void> {
  for (const [at, item] of given.entries()) {
    const question = asked.find(({ linkId }) => linkId === item.linkId);
    if (!question) continue;
    const path = `${above.path}/${item.linkId}${question.repeats && !isQuestion(question) ? `[${at}]` : ''}`;
    const variables = allocated(question, path, above.variables, walk.response);
    const place = { context: { type: 'BackboneElement', value: item }, path, variables };
    const isAnswered = !isQuestion(question) || answersOf(item).length > 0;
    const made = isAnswered ? templatesOf(question, place, walk) : ok(undefined);
    if (!made.ok) return made;
    for (const within of [item, ...(item.answer ?? [])]) {
      const inner = level(question.item ?? [], within.item ?? [], place, walk);
      if (!inner.ok) return inner;
    }
  }
  return ok(undefined);
}

function templatesOf(element: Extended, place: Place, walk: Walk): Result<void> {
  for (const one of extensions(element, sdc.templateExtract)) {
    const reference = extension(one, 'template')?.valueReference?.reference;
    const template = contained(walk.form, reference);
    if (!template) return absent();
    const filled = fillElement(template, { fhirPath: walk.fhirPath, ...place });
    if (!filled.ok) return filled;
    for (const [at, resource] of filled.value.entries()) {
      const kept = keep(resource, one, `${place.path}${reference}${at === 0 ? '' : `[${at}]`}`, place, walk);
      if (!kept.ok) return kept;
    }
  }
  for (const { valueReference } of extensions(element, sdc.templateExtractBundle)) {
    const template = contained(walk.form, valueReference?.reference);
    if (!template) return absent();
    const filled = fillElement(template, { fhirPath: walk.fhirPath, ...place });
    if (!filled.ok) return filled;
    for (const bundle of filled.value) takeEntries(bundle, `${place.path}${valueReference?.reference}`, walk);
  }
  return ok(undefined);
}

function absent(): Result<never> {
  return fail('unprocessable', 'The form names a template that it does not contain.', { code: 'not-found' });
}

function contained(form: r4.Questionnaire, reference: string | undefined): Record<string, unknown> | undefined {
  const found = (form.contained ?? []).find(({ id }) => id !== undefined && `#${id}` === reference);
  if (!found) return undefined;
  const { id: _, ...template } = found;
  return { ...template };
}

function keep(made: unknown, one: r4.Extension, path: string, place: Place, walk: Walk): Result<void> {
  if (!isResource(made)) return ok(undefined);
  const texts = new Map<string, string>();
  for (const name of ['fullUrl', 'resourceId', 'ifNoneMatch', 'ifModifiedSince', 'ifMatch', 'ifNoneExist']) {
    const expression = extension(one, name)?.valueString;
    if (expression === undefined) continue;
    const found = walk.fhirPath(expression, place.context, { context: place.context, ...place.variables });
    if (!found.ok) return found;
    const [first] = found.value;
    if (first !== undefined) texts.set(name, String(first.value));
  }
  const { resourceType } = made;
  const id = texts.get('resourceId');
  const fullUrl = texts.get('fullUrl') ?? `urn:uuid:${extractedId(responseKey(walk.response), resourceType, path)}`;
  const request: r4.BundleEntryRequest = {
    method: id === undefined ? 'POST' : 'PUT',
    url: id === undefined ? resourceType : `${resourceType}/${id}`,
  };
  for (const name of ['ifNoneMatch', 'ifModifiedSince', 'ifMatch', 'ifNoneExist'] as const) {
    const text = texts.get(name);
    if (text !== undefined) request[name] = text;
  }
  const resource = id === undefined ? made : { ...made, id };
  walk.found.push({ fullUrl, resource: withLabels(resource, walk.response), request });
  return ok(undefined);
}

function takeEntries(bundle: unknown, path: string, { found, response }: Walk): void {
  const entries = isObject(bundle) && Array.isArray(bundle.entry) ? bundle.entry : [];
  for (const [at, entry] of entries.entries()) {
    if (!isObject(entry) || !isResource(entry.resource)) continue;
    const { resourceType } = entry.resource;
    const id = extractedId(responseKey(response), resourceType, path, String(at));
    const fullUrl = typeof entry.fullUrl === 'string' ? entry.fullUrl : `urn:uuid:${id}`;
    const { method, url, ...more } = isObject(entry.request) ? entry.request : {};
    const isPut = method === 'PUT' && typeof url === 'string';
    const request: r4.BundleEntryRequest = { ...more, method: isPut ? 'PUT' : 'POST', url: isPut ? url : resourceType };
    found.push({ fullUrl, resource: withLabels(entry.resource, response), request });
  }
}
