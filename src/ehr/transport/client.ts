import { Client, RESPONSE_KEY } from 'fhir-kit-client';
import type { GuardedFetch, OutboundRequest } from '../../base/guarded-fetch.ts';
import { limits } from '../../base/limits.ts';
import { isResource } from '../../fhir/is-resource.ts';
import { parseJson, stringifyJson } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import { isShape } from '../shape.ts';
import { classify, type EhrFailure } from './failure.ts';
import { createGate } from './gate.ts';
import type { TokenSource } from './token.ts';

interface EhrAnswer {
  status: number;
  /** The resource; undefined when the site answered with an empty body. */
  resource?: Resource;
  etag?: string;
  location?: string;
}

export type EhrResult = { ok: true; value: EhrAnswer } | { ok: false; failure: EhrFailure };

/** One site, spoken to in FHIR. Every method answers with a value; nothing throws for what a site does. */
export interface EhrClient {
  read(type: string, id: string): Promise<EhrResult>;
  search(type: string, params: Record<string, string>): Promise<EhrResult>;
  /** A `next` link. Refused unless it stays on the site's own origin, so that a token never goes elsewhere. */
  page(url: string): Promise<EhrResult>;
  create(resource: Resource): Promise<EhrResult>;
  update(resource: Resource & { id: string }, ifMatch?: string): Promise<EhrResult>;
}

export interface ClientOptions {
  baseUrl: string;
  fetch: GuardedFetch;
  tokens: TokenSource;
  /** Waits between tries of a read; given in by the caller so that tests need no sleeping. */
  pause(ms: number): Promise<void>;
}

/** Carries a failure through fhir-kit-client, which knows thrown errors only. */
class SiteRefusal extends Error {
  readonly failure: EhrFailure;
  constructor(failure: EhrFailure) {
    super(failure.class);
    this.failure = failure;
  }
}

/**
 * fhir-kit-client puts the requests together; its own transport (no timeout, token to any host, numbers without their
 * digits) is replaced by ours at its one seam, `httpClient.request`.
 */
export function createEhrClient(options: ClientOptions): EhrClient {
  const client = new Client({ baseUrl: options.baseUrl });
  const gate = createGate(limits.sync.requestsPerSite);
  const origin = new URL(options.baseUrl).origin;
  client.httpClient.request = (method, path, extra, body) =>
    gate(() => exchange(options, method, client.httpClient.expandUrl(path), extra?.headers ?? {}, body));

  const answer = async (call: () => Promise<KitResource>): Promise<EhrResult> => {
    try {
      return { ok: true, value: readAnswer(await call()) };
    } catch (thrown) {
      if (thrown instanceof SiteRefusal) return { ok: false, failure: thrown.failure };
      throw thrown;
    }
  };
  return {
    read: (type, id) => answer(() => client.read({ resourceType: type, id })),
    search: (type, params) => answer(() => client.search({ resourceType: type, searchParams: params })),
    page(url) {
      const next = URL.canParse(url, `${options.baseUrl}/`) ? new URL(url, `${options.baseUrl}/`) : undefined;
      if (next?.origin !== origin) return Promise.resolve({ ok: false, failure: { class: 'blocked' } });
      return answer(() => client.request(next.href));
    },
    create: (resource) => answer(() => client.create({ resourceType: resource.resourceType, body: resource })),
    update: (resource, ifMatch) =>
      answer(() =>
        client.update({
          resourceType: resource.resourceType,
          id: resource.id,
          body: resource,
          ...(ifMatch ? { options: { headers: { 'if-match': ifMatch } } } : {}),
        }),
      ),
  };
}

type KitResource = Awaited<ReturnType<Client['request']>>;

async function exchange(
  options: ClientOptions,
  method: string,
  url: string,
  headers: Record<string, string>,
  body: unknown,
): Promise<KitResource> {
  const request: OutboundRequest = {
    method: methodOf(method),
    headers: { accept: 'application/fhir+json', ...headers },
  };
  if (body !== undefined) request.body = stringifyJson(body);
  for (let attempt = 0; ; attempt += 1) {
    const sent = await withToken(options, url, request);
    if (sent.ok) return sent.resource;
    const again = method === 'GET' && (sent.failure.class === 'later' || sent.failure.class === 'unknown');
    const asked = (sent.failure.retryAfterSeconds ?? 0) * 1000;
    // A site that asks for more patience than we wait for here is not asked again before its time.
    const tooLong = asked > limits.outbound.retryMaxMs;
    if (!again || tooLong || attempt >= limits.outbound.retries) throw new SiteRefusal(sent.failure);
    const backoff = limits.outbound.retryBaseMs * 2 ** attempt;
    await options.pause(Math.min(Math.max(asked, backoff), limits.outbound.retryMaxMs));
  }
}

function methodOf(method: string): 'GET' | 'POST' | 'PUT' {
  return method === 'POST' || method === 'PUT' ? method : 'GET';
}

type Sent = { ok: true; resource: KitResource } | { ok: false; failure: EhrFailure };

/** One request; a 401 is answered with one fresh token and one more try. */
async function withToken(options: ClientOptions, url: string, request: OutboundRequest, fresh = false): Promise<Sent> {
  const token = await options.tokens.current();
  if (!token.ok) return token;
  const answer = await options.fetch(url, { ...request, token: token.token });
  if (answer.ok) return envelope(answer.value);
  const failure = classify(answer.error);
  if (failure.class !== 'credentials' || fresh) return { ok: false, failure };
  options.tokens.discard(token.token);
  return withToken(options, url, request, true);
}

/** The body as fhir-kit-client hands it on, with status and headers where `Client.httpFor` finds them. */
function envelope(answer: { status: number; body: string; header(name: string): string | undefined }): Sent {
  const headers = new Headers();
  for (const name of ['etag', 'location']) {
    const value = answer.header(name);
    if (value !== undefined) headers.set(name, value);
  }
  const body = parsed(answer.body);
  if (body === undefined) return { ok: false, failure: { class: 'malformed', status: answer.status } };
  const resource = { resourceType: '', ...body };
  Object.defineProperty(resource, RESPONSE_KEY, {
    value: new Response(null, { status: answer.status, headers }),
    enumerable: false,
  });
  return { ok: true, resource };
}

function parsed(text: string): Record<string, unknown> | undefined {
  if (text.trim() === '') return {};
  try {
    const value = parseJson(text);
    return isShape(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function readAnswer(result: KitResource): EhrAnswer {
  const { response } = Client.httpFor(result);
  const answer: EhrAnswer = { status: response?.status ?? 0 };
  const resource: unknown = { ...result };
  if (isResource(resource)) answer.resource = resource;
  const etag = response?.headers.get('etag');
  const location = response?.headers.get('location');
  if (etag) answer.etag = etag;
  if (location) answer.location = location;
  return answer;
}
