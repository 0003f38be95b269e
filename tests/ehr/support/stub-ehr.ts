import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StubEhr {
  base: string;
  /** Requests with a bearer token, as `METHOD path?query`. */
  asked: string[];
  close(): Promise<void>;
}

/** What the stub answers for `METHOD path?query` under the FHIR base; undefined: an empty searchset. */
export type StubAnswer = (asked: string, base: string) => { status?: number; body: object | string } | undefined;

/** A FHIR server with the worst manners: the capability it claims, a token for everyone, and answers as the test says. */
export async function openStubEhr(types: Record<string, string[]>, answer: StubAnswer): Promise<StubEhr> {
  const asked: string[] = [];
  const server = createServer((request, response) => respond(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const base = `${root}/fhir`;

  function respond(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent((request.url ?? '').replace(/^\/fhir\/?/, ''));
    const name = `${request.method} ${path}`;
    if (request.headers.authorization !== undefined) asked.push(name);
    const given = fixed(path) ?? answer(name, base) ?? { body: { resourceType: 'Bundle', type: 'searchset' } };
    const text = typeof given.body === 'string' ? given.body : JSON.stringify(given.body);
    const type = typeof given.body === 'string' ? 'text/html' : 'application/fhir+json';
    response.writeHead('status' in given && given.status ? given.status : 200, { 'content-type': type }).end(text);
  }

  function fixed(path: string): { body: object } | undefined {
    if (path === '.well-known/smart-configuration') return { body: { token_endpoint: `${base}/token` } };
    if (path === 'token') return { body: { access_token: 'secret', token_type: 'bearer', expires_in: 300 } };
    if (path !== 'metadata') return undefined;
    const resource = Object.entries(types).map(([type, params]) => ({
      type,
      interaction: [{ code: 'read' }, ...(params.length > 0 ? [{ code: 'search-type' }] : [])],
      searchParam: params.map((param) => ({ name: param })),
    }));
    return { body: { resourceType: 'CapabilityStatement', rest: [{ mode: 'server', resource }] } };
  }

  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { base, asked, close };
}

export const searchset = (resources: object[], next?: string): object => ({
  resourceType: 'Bundle',
  type: 'searchset',
  ...(next === undefined ? {} : { link: [{ relation: 'next', url: next }] }),
  entry: resources.map((resource) => ({ resource })),
});

export const refusal = (status: number, code: string) => ({
  status,
  body: {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code, diagnostics: 'a sentence with a name' }],
  },
});
