import { lookup as dnsLookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { Agent, type Response, fetch as undiciFetch } from 'undici';
import {
  bareHost,
  isInnerName,
  isLoopbackAddress,
  isLoopbackHost,
  isPublicAddress,
  isReachableAddress,
} from './addresses.ts';
import { withinDepth } from './json-depth.ts';
import { limits } from './limits.ts';

/**
 * The one way out of the house. Every outgoing request is https (loopback excepted, where allowed), goes to an address that was
 * resolved once and checked, carries our token only to an origin that was configured for it, and is bounded in time, size
 * and depth. What comes back as an error names a class and never echoes the body into its text.
 */
export interface GuardOptions {
  /** Origins (`https://ehr.example.org`) that may be given a token. Others can be asked, without one. */
  allowedOrigins: readonly string[] | ((origin: string) => boolean);
  /** Lets `http:` and loopback addresses through, for a sandbox on this machine. Off in production. */
  allowLoopback: boolean;
  /** Origins inside the hospital's network, whose private addresses are wanted. */
  localOrigins?: readonly string[] | ((origin: string) => boolean);
  connectMs?: number;
  totalMs?: number;
  maxBytes?: number;
  /** In place of the system's name service. */
  resolve?: Resolve;
}

/** All addresses of a name. */
type Resolve = (hostname: string) => Promise<{ address: string; family: number }[]>;

export interface OutboundRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** Sent as `Authorization: Bearer …`, to an allowed origin only; for any other origin the request is blocked. */
  token?: string;
  /** `same-origin` follows a GET to the same origin a few times; `none` (the default) refuses every redirect. */
  redirects?: 'none' | 'same-origin';
  totalMs?: number;
  maxBytes?: number;
}

export interface OutboundResponse {
  status: number;
  /** Where the answer came from, after redirects. */
  url: string;
  header(name: string): string | undefined;
  body: string;
}

export interface OutboundError {
  class: 'network' | 'timeout' | 'too-large' | 'blocked' | 'http';
  /** Fixed text, fit for a log. */
  text: string;
  status?: number;
  retryAfterSeconds?: number;
  /** What the server said with an error status (an OperationOutcome, perhaps). Not for logs. */
  body?: string;
}

export type OutboundResult = { ok: true; value: OutboundResponse } | { ok: false; error: OutboundError };

export interface GuardedFetch {
  (url: string, request?: OutboundRequest): Promise<OutboundResult>;
  /** Closes idle connections. */
  close(): Promise<void>;
}

type Zone = 'public' | 'local' | 'loopback';

/** Marks a refusal of ours inside a connection error of the HTTP client. */
const refusedAddress = 'CAREWEAVE_ADDRESS';

export function createGuardedFetch(options: GuardOptions): GuardedFetch {
  const mayHaveToken = asTest(options.allowedOrigins);
  const connect = { timeout: options.connectMs ?? limits.outbound.connectMs };
  const resolve = options.resolve ?? ((hostname) => dnsLookup(hostname, { all: true, verbatim: true }));
  const agentFor = (zone: Zone) => new Agent({ connect: { ...connect, lookup: pinned(zone, resolve) } });
  const agents: Record<Zone, Agent> = {
    public: agentFor('public'),
    local: agentFor('local'),
    loopback: agentFor('loopback'),
  };

  async function send(url: URL, request: OutboundRequest, signal: AbortSignal, hops: number): Promise<OutboundResult> {
    const zone = zoneOf(url, options);
    if (!zone) return refuse('blocked', 'The address is not one this server may call.');
    if (request.token !== undefined && !mayHaveToken(url.origin)) return refuse('blocked', 'No token for that origin.');
    const response = await undiciFetch(url, {
      method: request.method ?? 'GET',
      headers: headersOf(request),
      body: request.body ?? null,
      redirect: 'manual',
      dispatcher: agents[zone],
      signal,
    });
    if (response.status >= 300 && response.status < 400 && response.status !== 304) {
      const next = redirectTarget(url, response, request, hops);
      await response.body?.cancel();
      return next ? send(next, request, signal, hops + 1) : refuse('blocked', 'A redirect was refused.', response);
    }
    return receive(url, response, request.maxBytes ?? options.maxBytes ?? limits.outbound.bodyBytes);
  }

  const guarded = async (address: string, request: OutboundRequest = {}): Promise<OutboundResult> => {
    if (!URL.canParse(address)) return refuse('blocked', 'The address is not a URL.');
    const signal = AbortSignal.timeout(request.totalMs ?? options.totalMs ?? limits.outbound.totalMs);
    try {
      return await send(new URL(address), request, signal, 0);
    } catch (cause) {
      return classify(cause, signal);
    }
  };
  const close = async () => {
    await Promise.all(Object.values(agents).map((agent) => agent.destroy()));
  };
  return Object.assign(guarded, { close });
}

function asTest(origins: readonly string[] | ((origin: string) => boolean)): (origin: string) => boolean {
  return typeof origins === 'function' ? origins : (origin) => origins.includes(origin);
}

function refuse(kind: OutboundError['class'], text: string, response?: Response): OutboundResult {
  const error: OutboundError = { class: kind, text };
  if (response) error.status = response.status;
  return { ok: false, error };
}

/** Which rule the address falls under; undefined when it may not be called at all. */
function zoneOf(url: URL, options: GuardOptions): Zone | undefined {
  if (url.username !== '' || url.password !== '') return undefined;
  const local = asTest(options.localOrigins ?? [])(url.origin);
  if (isLoopbackHost(url.hostname)) {
    if (!options.allowLoopback && !local) return undefined;
    return url.protocol === 'http:' || url.protocol === 'https:' ? 'loopback' : undefined;
  }
  if (url.protocol !== 'https:') return undefined;
  const host = bareHost(url.hostname);
  // A literal address is never looked up, so it is judged here.
  const literal = host.includes(':') || /^[\d.]+$/.test(host);
  if (local) return literal && !isReachableAddress(host) ? undefined : 'local';
  if (literal ? !isPublicAddress(host) : isInnerName(host)) return undefined;
  // An address that somebody configured says its port; anybody else's is asked where the web is served.
  const usual = limits.outbound.ports.includes(url.port === '' ? 443 : Number(url.port));
  return usual || asTest(options.allowedOrigins)(url.origin) ? 'public' : undefined;
}

const fitFor: Record<Zone, (address: string) => boolean> = {
  public: isPublicAddress,
  local: isReachableAddress,
  loopback: isLoopbackAddress,
};

/**
 * A DNS look-up that answers only with addresses fit for the zone. The connection goes to the very address that was
 * judged, so a name cannot point elsewhere a moment later. One unfit address among several refuses the name.
 */
function pinned(zone: Zone, resolve: Resolve): LookupFunction {
  const fits = fitFor[zone];
  return (hostname, lookupOptions, done) => {
    resolve(hostname).then(
      (found) => {
        const [first] = found;
        if (!first || !found.every(({ address }) => fits(address))) {
          done(Object.assign(new Error('address refused'), { code: refusedAddress }), '', 4);
        } else if (lookupOptions.all) done(null, found);
        else done(null, first.address, first.family);
      },
      (cause: NodeJS.ErrnoException) => done(cause, '', 4),
    );
  };
}

function headersOf(request: OutboundRequest): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    // Credentials go through `token` alone, where the origin is checked.
    if (!/^(authorization|cookie|host|proxy-.*)$/i.test(name)) headers[name] = value;
  }
  if (request.token !== undefined) headers.authorization = `Bearer ${request.token}`;
  return headers;
}

function redirectTarget(from: URL, response: Response, request: OutboundRequest, hops: number): URL | undefined {
  const location = response.headers.get('location');
  if (request.redirects !== 'same-origin' || (request.method ?? 'GET') !== 'GET') return undefined;
  if (!location || hops >= limits.outbound.redirects || !URL.canParse(location, from)) return undefined;
  const next = new URL(location, from);
  return next.origin === from.origin ? next : undefined;
}

/** Reads the body chunk by chunk, after decompression, and stops at the bound: a small gzip cannot fill the memory. */
async function receive(url: URL, response: Response, maxBytes: number): Promise<OutboundResult> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream and with it the connection.
    if (size > maxBytes) return refuse('too-large', 'The answer is larger than the limit.', response);
    chunks.push(chunk);
  }
  const body = new TextDecoder().decode(Buffer.concat(chunks));
  const json = /json/i.test(response.headers.get('content-type') ?? '');
  if (json && !withinDepth(body, limits.outbound.jsonDepth)) {
    return refuse('too-large', 'The answer is nested deeper than the limit.', response);
  }
  if (response.status >= 400) {
    const error: OutboundError = {
      class: 'http',
      text: 'The server answered with an error.',
      status: response.status,
      body,
    };
    const wait = retryAfter(response.headers.get('retry-after'), Date.parse(response.headers.get('date') ?? ''));
    if (wait !== undefined) error.retryAfterSeconds = wait;
    return { ok: false, error };
  }
  const header = (name: string) => response.headers.get(name) ?? undefined;
  return { ok: true, value: { status: response.status, url: url.href, header, body } };
}

/** Retry-After in seconds, or as a date measured against the server's own clock (RFC 9110, 10.2.3). */
function retryAfter(value: string | null, serverNow: number): number | undefined {
  if (!value) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const until = Date.parse(value);
  return Number.isNaN(until) || Number.isNaN(serverNow)
    ? undefined
    : Math.max(0, Math.ceil((until - serverNow) / 1000));
}

function classify(cause: unknown, signal: AbortSignal): OutboundResult {
  const codes = codesOf(cause);
  if (codes.includes(refusedAddress)) return refuse('blocked', 'The address is not one this server may call.');
  if (signal.aborted || codes.some((code) => /TIMEOUT|ETIMEDOUT/.test(code))) {
    return refuse('timeout', 'The server did not answer in time.');
  }
  return refuse('network', 'The server could not be reached.');
}

/** The error codes of a fault and what caused it, a few levels deep. */
function codesOf(cause: unknown): string[] {
  const codes: string[] = [];
  let fault: unknown = cause;
  for (let level = 0; level < 4 && fault instanceof Error; level += 1) {
    if ('code' in fault && typeof fault.code === 'string') codes.push(fault.code);
    fault = fault.cause;
  }
  return codes;
}
