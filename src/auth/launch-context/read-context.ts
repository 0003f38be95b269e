import { fail, ok, type Result } from '../../base/errors.ts';
import type { FhirContextItem, TokenContext } from '../types.ts';

/** What a launch is asked for, checked. */
export interface AskedLaunch {
  app: { clientId: string } | { launchUrl: string };
  patientId: string;
  /** For a record system's client: the person who will use the app. */
  fhirUser?: string;
  needPatientBanner: boolean;
  context: TokenContext;
}

/** A launch whose app, child and context stand in a Task. */
export interface TaskLaunch {
  taskId: string;
  fhirUser?: string;
  needPatientBanner: boolean;
}

const known: ReadonlySet<string> = new Set([
  'client_id',
  'patient',
  'user',
  'encounter',
  'fhirContext',
  'intent',
  'need_patient_banner',
  'smart_style_url',
  'tenant',
  'appContext',
]);

const maxText = 4096;
const maxItems = 50;

/** Source: SMART App Launch 2.2, "Launch context arrives with your access token". Errors are `invalid` and name the member. */
export function readLaunch(body: unknown): Result<AskedLaunch> {
  if (!isObject(body)) return fail('invalid', 'The body must be a JSON object.');
  const unknown = Object.keys(body).find((name) => !known.has(name));
  if (unknown !== undefined) return fail('invalid', `A launch has only these members: ${[...known].join(', ')}.`);
  const { client_id: clientId, patient, user, need_patient_banner: banner = true } = body;
  if (typeof clientId !== 'string') return fail('invalid', 'client_id is required.');
  if (!isId(patient)) return fail('invalid', 'patient must be the id of a Patient.');
  if (user !== undefined && !isUser(user)) return fail('invalid', 'user must be a reference like Practitioner/….');
  if (typeof banner !== 'boolean') return fail('invalid', 'need_patient_banner must be true or false.');
  const context = readContext(body);
  if (!context.ok) return context;
  const asked: AskedLaunch = {
    app: { clientId },
    patientId: patient,
    needPatientBanner: banner,
    context: context.value,
  };
  return ok(user === undefined ? asked : { ...asked, fhirUser: user });
}

/** `{ task, user?, need_patient_banner? }`; undefined when no task is named. */
export function readTaskLaunch(body: unknown): Result<TaskLaunch> | undefined {
  if (!isObject(body) || body.task === undefined) return undefined;
  const { task, user, need_patient_banner: banner = true, ...more } = body;
  if (Object.keys(more).length > 0) return fail('invalid', 'With task go only user and need_patient_banner.');
  if (!isId(task)) return fail('invalid', 'task must be the id of a Task.');
  if (user !== undefined && !isUser(user)) return fail('invalid', 'user must be a reference like Practitioner/….');
  if (typeof banner !== 'boolean') return fail('invalid', 'need_patient_banner must be true or false.');
  return ok({ taskId: task, needPatientBanner: banner, ...(user !== undefined && { fhirUser: user }) });
}

/** The body of the CDS Hooks sandbox: `{ launchUrl, parameters }`, or `client_id` in place of the URL; what else it sends is not used. */
export function readServiceLaunch(body: unknown): Result<AskedLaunch> {
  if (!isObject(body)) return fail('invalid', 'The body must be a JSON object.');
  const { launchUrl, client_id: clientId, parameters } = body;
  if (clientId === undefined && (typeof launchUrl !== 'string' || !URL.canParse(launchUrl)))
    return fail('invalid', 'launchUrl is required.');
  const read = readLaunch({ ...(isObject(parameters) && parameters), client_id: clientId ?? '' });
  if (!read.ok || clientId !== undefined || typeof launchUrl !== 'string') return read;
  return ok({ ...read.value, app: { launchUrl } });
}

function readContext(body: Record<string, unknown>): Result<TokenContext> {
  const { encounter, fhirContext, smart_style_url: style } = body;
  const context: TokenContext = {};
  if (encounter !== undefined) {
    if (!isId(encounter)) return fail('invalid', 'encounter must be the id of an Encounter.');
    context.encounterId = encounter;
  }
  if (style !== undefined) {
    if (typeof style !== 'string' || !URL.canParse(style) || new URL(style).protocol !== 'https:')
      return fail('invalid', 'smart_style_url must be an https URL.');
    context.smartStyleUrl = style;
  }
  for (const name of ['intent', 'tenant', 'appContext'] as const) {
    const text = body[name];
    if (text === undefined) continue;
    if (typeof text !== 'string' || text.length > maxText) return fail('invalid', `${name} must be a short text.`);
    context[name] = text;
  }
  if (fhirContext === undefined) return ok(context);
  const items = Array.isArray(fhirContext) && fhirContext.length <= maxItems ? fhirContext.map(readItem) : [undefined];
  const read = items.filter((item) => item !== undefined);
  if (read.length < items.length)
    return fail('invalid', 'fhirContext must be a list of objects with a reference, canonical or identifier.');
  return ok({ ...context, fhirContext: read });
}

/** SC-073: a Patient or Encounter stands there only in another role than that of the launch. */
function readItem(item: unknown): FhirContextItem | undefined {
  if (!isObject(item)) return undefined;
  const { reference, canonical, identifier, type, role, ...more } = item;
  if (Object.keys(more).length > 0 || [reference, canonical, identifier].every((one) => one === undefined))
    return undefined;
  const read: FhirContextItem = {};
  if (reference !== undefined) {
    if (typeof reference !== 'string' || !/^[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9.-]{1,64}$/.test(reference))
      return undefined;
    read.reference = reference;
  }
  if (canonical !== undefined) {
    if (typeof canonical !== 'string' || !/^https?:\/\/\S{1,1000}$/.test(canonical)) return undefined;
    read.canonical = canonical;
  }
  if (identifier !== undefined) {
    if (!isObject(identifier)) return undefined;
    read.identifier = identifier;
  }
  if (type !== undefined) {
    if (typeof type !== 'string' || !/^[A-Z][A-Za-z]{1,63}$/.test(type)) return undefined;
    read.type = type;
  }
  if (role !== undefined) {
    if (typeof role !== 'string' || !URL.canParse(role)) return undefined;
    read.role = role;
  }
  const isLaunchRole = read.role === undefined || read.role === 'launch';
  return isLaunchRole && /^(Patient|Encounter)\//.test(read.reference ?? '') ? undefined : read;
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9.-]{1,64}$/.test(value);
}

function isUser(value: unknown): value is string {
  return typeof value === 'string' && /^(Practitioner|Patient|RelatedPerson|Person)\/[A-Za-z0-9.-]{1,64}$/.test(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
