import { authorize } from '../access/decide.ts';
import type { Interaction as Letter } from '../access/types.ts';
import { fail, ok, type Result } from '../base/errors.ts';
import type { Resource } from '../fhir/types.ts';
import type { Operation, OperationParameters, OperationRequest } from '../module.ts';
import { cancelOperation, type Later, statusOperation } from './async/later.ts';
import type { FhirContext, FhirRequest, FhirResponse } from './fhir-request.ts';
import { createBundle } from './interactions/bundle.ts';
import { unknownParameter } from './interactions/known-parameters.ts';
import { checkedAlone } from './interactions/write-steps.ts';
import { bytesOf } from './operation-formats.ts';
import { preference } from './prefer.ts';

/** Finds and runs the operation a URL names, among those the modules registered. */
export type Operations = (name: string, request: FhirRequest, context: FhirContext) => Promise<Result<FhirResponse>>;

export function createOperations(registered: readonly Operation[], later?: Later): Operations {
  return async (name, request, context) => {
    if (later && request.type === undefined && name === statusOperation) return later.status(request, context);
    if (later && request.type === undefined && name === cancelOperation) return later.cancel(request, context);
    const operation = registered.find((one) => one.name === name && fits(one, request));
    if (!operation) return fail('not-found', 'There is no such operation here.', { code: 'not-supported' });
    if (operation.affectsState && request.method !== 'POST') {
      return fail('not-allowed', `$${operation.name} changes data, so it takes POST only.`);
    }
    const allowed = permitted(operation, context);
    if (!allowed.ok) return allowed;
    const given = partsOf(request);
    if (!given.ok) return given;
    const known = knownParts(operation, given.value, request);
    if (!known.ok) return known;
    const parameters = parametersOf(given.value);
    const { principal, store, actor } = context;
    const place = { id: request.id, resourceType: request.type, requestId: actor.requestId };
    const transact: OperationRequest['transact'] = (bundle, { provenance } = {}) =>
      transactAs(bundle, provenance ? { ...context, actor: { ...actor, provenance } } : context);
    const check = async (resource: Resource) => {
      const checked = await checkedAlone(resource, resource.resourceType, context);
      return checked.ok ? ok(undefined) : checked;
    };
    const { format } = request;
    const asked = { principal, store, parameters, transact, check, ...place, ...(format !== undefined && { format }) };
    if (later && operation.later && preference(request.prefer).isLater) {
      const called = `${request.method} ${[request.type, `$${name}`].filter(Boolean).join('/')}`;
      return later.begin(called, context, (progress) => operation.handle({ ...asked, progress }));
    }
    if (operation.text && format === undefined) {
      const text = await operation.text(asked);
      return text.ok ? ok({ status: 200, ...text.value, isTold: true }) : text;
    }
    const answer = await operation.handle(asked);
    if (!answer.ok) return answer;
    const document = format === undefined ? undefined : bytesOf(answer.value, format);
    if (document) return ok({ status: 200, raw: { ...document, name: operation.name } });
    return ok({ status: 200, resource: answer.value });
  };
}

/** A transaction of an operation's own making, by every rule that one from outside meets. */
async function transactAs(body: Resource, context: FhirContext): Promise<Result<Resource>> {
  const request: FhirRequest = { method: 'POST', query: [], body };
  const guarded = await context.guard?.({ name: 'bundle' }, request);
  if (guarded && !guarded.ok) return guarded;
  const { principal = context.principal, request: asked = request } = guarded?.value ?? {};
  // What an operation makes is as it is kept, in whatever words its caller speaks.
  const { speaker: _words, ...plain } = context;
  const answer = await runBundle(asked, { ...plain, principal });
  return answer.ok && answer.value.resource ? ok(answer.value.resource) : (answer as Result<never>);
}

/** Operations write transactions only: nothing of a batch is undone when a part of it is refused. */
const runBundle = createBundle(async () => fail('not-allowed', 'An operation writes in one transaction.'));

function fits(operation: Operation, request: FhirRequest): boolean {
  if (operation.level === 'system') return request.type === undefined;
  const instance = operation.level === 'instance';
  const isOfType =
    operation.resourceType === undefined ? request.type !== undefined : operation.resourceType === request.type;
  return isOfType && instance === (request.id !== undefined);
}

function permitted(operation: Operation, context: FhirContext): Result<void> {
  for (const [type, letters] of operation.requires) {
    for (const letter of letters) {
      const granted = authorize(context.principal, type, letter as Letter);
      if (!granted.ok) return granted;
    }
  }
  return ok(undefined);
}

/** Input from the query string, a Parameters resource, or (as FHIR allows) one bare resource named `resource`. */
function partsOf(request: FhirRequest): Result<Part[]> {
  const given: Part[] = request.query.map(([name, text]) => ({
    name,
    text,
  }));
  const body = request.body;
  if (body !== undefined) {
    if (typeof body !== 'object' || body === null || !('resourceType' in body)) {
      return fail('invalid', 'The body of an operation is a Parameters resource.', { code: 'structure' });
    }
    if (body.resourceType !== 'Parameters') given.push({ name: 'resource', resource: body as Resource });
    else if ('parameter' in body && Array.isArray(body.parameter)) given.push(...body.parameter.map(partOf));
  }
  return ok(given);
}

/** How the answer is written is asked of every operation. */
const everywhere: ReadonlySet<string> = new Set(['_format', '_pretty']);

function knownParts({ parameters }: Operation, given: readonly Part[], { prefer }: FhirRequest): Result<void> {
  if (!parameters || preference(prefer).handling === 'lenient') return ok(undefined);
  const unknown = given.find(({ name }) => !everywhere.has(name) && !parameters.includes(name));
  return unknown ? unknownParameter(unknown.name) : ok(undefined);
}

function parametersOf(given: readonly Part[]): OperationParameters {
  return {
    text: (name) => given.find((part) => part.name === name)?.text,
    texts: (name) => given.flatMap((part) => (part.name === name && part.text !== undefined ? [part.text] : [])),
    resource: (name) => given.find((part) => part.name === name)?.resource,
    resources: (name) => given.flatMap((part) => (part.name === name && part.resource ? [part.resource] : [])),
    value: (name) => given.find((part) => part.name === name)?.value,
    parts: (name) => given.flatMap((one) => (one.name === name && one.parts ? [parametersOf(one.parts)] : [])),
  };
}

interface Part {
  name: string;
  text?: string;
  value?: unknown;
  resource?: Resource;
  parts?: Part[];
}

function partOf(part: unknown): Part {
  if (typeof part !== 'object' || part === null || !('name' in part)) return { name: '' };
  const value = Object.entries(part).find(([key]) => key.startsWith('value'))?.[1];
  const named: Part = { name: String(part.name), value };
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') named.text = String(value);
  if (typeof value === 'object' && value !== null && 'reference' in value) named.text = String(value.reference);
  if ('resource' in part) named.resource = part.resource as Resource;
  if ('part' in part && Array.isArray(part.part)) named.parts = part.part.map(partOf);
  return named;
}
