import { createHash, randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { createClients } from '../../../src/auth/clients.ts';
import { createSessions } from '../../../src/auth/sessions.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { createLogger } from '../../../src/base/log.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { readPostmaster } from '../../../src/store/embedded/postmaster.ts';
import { cpuMicros, databaseCpuMicros } from '../load/cpu.ts';

interface Where {
  url: string;
  /** Of the server. */
  pid: number;
  dataDir: string;
  seconds: number;
  concurrencies: readonly number[];
}

interface Load {
  name: string;
  concurrency: number;
  perSecond: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /** Processor time of each, which other work on the machine does not change. */
  serverCpuMicros: number;
  databaseCpuMicros: number;
}

const redirectUri = 'https://bench.example/callback';

/**
 * Authorize → token (a signed-in person, PKCE, an access token, an id_token and a refresh token: two requests), and refreshing. Goal: 150
 * exchanges a second on two cores.
 */
export async function benchTokens(where: Where): Promise<Load[]> {
  const { clientId, cookie } = await prepare(where);
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const app = { ...where, agent, clientId, cookie };
  const loads: Load[] = [];
  try {
    await measured(app, 'warm', 4, 1, () => () => exchange(app));
    for (const concurrency of where.concurrencies) {
      loads.push(await measured(app, 'authorize → token', concurrency, where.seconds, () => () => exchange(app)));
      loads.push(await measured(app, 'refresh', concurrency, where.seconds, () => refresher(app)));
    }
    return loads;
  } finally {
    agent.destroy();
  }
}

/** An app that needs no consent, and a person's session: put where registration and sign-in would put them. */
export async function prepare(
  { dataDir }: Pick<Where, 'dataDir'>,
  fhirUser = 'Practitioner/bench',
): Promise<{ clientId: string; cookie: string }> {
  const opened = await openDatabase({ dataDir, share: true, log: createLogger('silent') });
  if (!opened.ok) throw new Error('the database cannot be opened');
  const { pool, stop } = opened.value;
  const query = async <Row extends object>(text: string, values: readonly unknown[] = []) =>
    (await pool.query<Row>(text, [...values])).rows;
  try {
    const parts = { sql: { query }, clock: systemClock, resourceTypes: new Set(['Patient']) };
    const client = await createClients(parts).add({
      name: 'bench',
      type: 'public',
      scopes: 'openid fhirUser offline_access user/*.rs',
      redirectUris: [redirectUri],
      firstParty: true,
    });
    if (!client.ok) throw new Error('the client cannot be registered');
    const { cookie } = await createSessions(parts).start({ fhirUser, siteId: 'bench' });
    return { clientId: client.value.id, cookie };
  } finally {
    await stop();
  }
}

interface App extends Pick<Where, 'url'> {
  agent: Agent;
  clientId: string;
  cookie: string;
}

async function exchange(app: App): Promise<string> {
  return tokensOf(await redeem(app)).refresh;
}

/** The access token of the person whose session it is. */
export async function accessToken(app: App): Promise<string> {
  return tokensOf(await redeem(app)).access;
}

async function redeem(app: App): Promise<Answer> {
  const verifier = randomBytes(32).toString('base64url');
  const parameters = new URLSearchParams({
    response_type: 'code',
    client_id: app.clientId,
    redirect_uri: redirectUri,
    scope: 'openid fhirUser offline_access user/*.rs',
    state: 'bench',
    aud: `${app.url}/fhir`,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const cookie = `careweave_session=${app.cookie}`;
  const sent = await send(app, 'GET', `/auth/authorize?${parameters}`, { cookie });
  const code = sent.location === undefined ? null : new URL(sent.location).searchParams.get('code');
  if (code === null) throw new Error(`authorize answered ${sent.status}`);
  const form = { grant_type: 'authorization_code', redirect_uri: redirectUri, code, code_verifier: verifier };
  return send(app, 'POST', '/auth/token', {}, { client_id: app.clientId, ...form });
}

/** Each client has a grant of its own, and refreshes it again and again. */
function refresher(app: App): () => Promise<void> {
  let token: Promise<string> | undefined;
  return async () => {
    token ??= exchange(app);
    const form = { grant_type: 'refresh_token', client_id: app.clientId, refresh_token: await token };
    token = Promise.resolve(tokensOf(await send(app, 'POST', '/auth/token', {}, form)).refresh);
  };
}

function tokensOf({ status, body }: Answer): { access: string; refresh: string } {
  const read: { access_token?: string; refresh_token?: string } = status === 200 ? JSON.parse(body) : {};
  const { access_token: access, refresh_token: refresh } = read;
  if (access === undefined || refresh === undefined) throw new Error(`the token endpoint answered ${status}`);
  return { access, refresh };
}

interface Answer {
  status: number;
  location: string | undefined;
  body: string;
}

function send(
  { url, agent }: App,
  method: string,
  path: string,
  headers: Record<string, string>,
  form?: Record<string, string>,
): Promise<Answer> {
  const body = form && new URLSearchParams(form).toString();
  const type =
    body === undefined
      ? {}
      : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const call = request(`${url}${path}`, { method, agent, headers: { ...headers, ...type } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: answer.statusCode ?? 0, location: answer.headers.location, body: text });
      });
    });
    call.once('error', reject);
    call.end(body);
  });
}

async function measured(
  { pid, dataDir }: Where,
  name: string,
  concurrency: number,
  seconds: number,
  makeClient: () => () => Promise<unknown>,
): Promise<Load> {
  const times: number[] = [];
  const postmaster = readPostmaster(join(dataDir, 'postgres'))?.pid ?? 0;
  const before = { server: cpuMicros(pid), database: databaseCpuMicros(postmaster) };
  const started = performance.now();
  const until = started + seconds * 1000;
  const client = async () => {
    const step = makeClient();
    while (performance.now() < until) {
      const sent = performance.now();
      await step();
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, client));
  const took = (performance.now() - started) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number) => Number((times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(2));
  const each = (micros: number) => Math.round(micros / Math.max(1, times.length));
  const load: Load = {
    name,
    concurrency,
    perSecond: Math.round(times.length / took),
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    serverCpuMicros: each(cpuMicros(pid) - before.server),
    databaseCpuMicros: each(databaseCpuMicros(postmaster) - before.database),
  };
  process.stderr.write(`${name} at ${concurrency}: ${load.perSecond}/s, p95 ${load.p95Ms} ms\n`);
  return load;
}
