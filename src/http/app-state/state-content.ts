import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { stringifyJson } from '../../fhir/json.ts';

/** What of a state decides who reaches it. */
export interface StatePlace {
  code: { system: string; code: string };
  /** `Type/id`; undefined: of all users of the app. */
  subject?: string;
}

export interface StateContent extends StatePlace {
  /** As it came, without id and meta: those are the server's. */
  resource: Record<string, unknown>;
}

const elements = ['resourceType', 'id', 'meta', 'code', 'subject', 'extension'];
const about = /^(Patient|Practitioner|PractitionerRole|RelatedPerson|Person)\/[A-Za-z0-9\-.]{1,64}$/;

/**
 * Reads a Basic as App State (SC-171): one code, at most one subject of ours by its absolute URL, extensions with texts, and nothing
 * else; all of it is kept or none. `id`: of an update, which has to be in the body too. Errors: `unprocessable`, `too-large`.
 */
export function readState(body: unknown, fhirBaseUrl: string, id?: string): Result<StateContent> {
  if (!isObject(body) || body.resourceType !== 'Basic') return refuse('App State is a Basic resource.', 'Basic');
  if (Buffer.byteLength(stringifyJson(body)) > limits.appState.bytes)
    return fail('too-large', `An App State has at most ${limits.appState.bytes} bytes.`);
  const unknown = Object.keys(body).find((name) => !elements.includes(name));
  if (unknown !== undefined) return refuse('App State has code, subject and extension only.', 'Basic');
  if (body.id !== id)
    return refuse(id === undefined ? 'A new App State has no id.' : 'The id is not that of the URL.', 'Basic.id');
  if (!isOurMeta(body.meta, id !== undefined)) return refuse('The meta of an App State is the server’s.', 'Basic.meta');
  const code = codeOf(body.code);
  if (!code) return refuse('App State has exactly one code.coding, with system and code.', 'Basic.code');
  const subject = body.subject === undefined ? undefined : subjectOf(body.subject, fhirBaseUrl);
  if (subject === null) return refuse('The subject is a person of this server, by absolute URL.', 'Basic.subject');
  if (body.extension !== undefined && !isTexts(body.extension))
    return refuse('Extensions of App State have a url and a valueString.', 'Basic.extension');
  const { id: _id, meta: _meta, ...resource } = body;
  return ok({ code, resource, ...(subject !== undefined && { subject }) });
}

/** `Type/id` of an absolute URL of ours; null for any other. */
export function subjectAt(url: string, fhirBaseUrl: string): string | null {
  if (!url.startsWith(`${fhirBaseUrl}/`)) return null;
  const local = url.slice(fhirBaseUrl.length + 1);
  return about.test(local) ? local : null;
}

function refuse(text: string, element: string) {
  return fail('unprocessable', text, { code: 'value', expression: [element] });
}

function isOurMeta(meta: unknown, isUpdate: boolean): boolean {
  if (meta === undefined) return true;
  return isUpdate && isObject(meta) && Object.keys(meta).every((name) => ['versionId', 'lastUpdated'].includes(name));
}

function codeOf(code: unknown): StatePlace['code'] | undefined {
  if (!isObject(code) || Object.keys(code).join() !== 'coding' || !Array.isArray(code.coding)) return undefined;
  const [coding] = code.coding;
  if (code.coding.length !== 1 || !isObject(coding)) return undefined;
  const { system, code: value, display, ...more } = coding;
  if (!isText(system) || !isText(value) || Object.keys(more).length > 0) return undefined;
  return display === undefined || isText(display) ? { system, code: value } : undefined;
}

function subjectOf(subject: unknown, fhirBaseUrl: string): string | null {
  if (!isObject(subject) || Object.keys(subject).join() !== 'reference' || !isText(subject.reference)) return null;
  return subjectAt(subject.reference, fhirBaseUrl);
}

function isTexts(extensions: unknown): boolean {
  if (!Array.isArray(extensions) || extensions.length === 0) return false;
  return extensions.every(
    (one) =>
      isObject(one) &&
      Object.keys(one).sort().join() === 'url,valueString' &&
      isText(one.url) &&
      isText(one.valueString),
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && !value.includes('\u0000');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}
