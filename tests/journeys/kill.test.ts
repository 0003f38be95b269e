import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { backendToken } from '../../scripts/bench/backend-token.ts';
import { isTaken } from '../../src/ops/port.ts';
import { readPostmaster } from '../../src/store/embedded/postmaster.ts';
import { isAlive } from '../../src/store/embedded/process.ts';
import { careweave, freePorts, type Program, readyServer, runServer } from './support/server-process.ts';

/** `kill -9` at any moment: nothing that was answered with success is lost, and the next start recovers by itself. */
const scope = 'system/*.cruds';
let dataDir: string;
let sandboxPort: number;
let settings: Record<string, string>;
let url: string;
let server: Program | undefined;
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'careweave-kill-'));
  const [port, hospitals] = await freePorts();
  sandboxPort = hospitals;
  url = `http://127.0.0.1:${port}`;
  settings = { PORT: String(port), DATA_DIR: dataDir, CAREWEAVE_SANDBOX_PORT: String(hospitals) };
});
afterEach(async () => {
  server?.kill('SIGTERM');
  await server?.ended;
  rmSync(dataDir, { recursive: true, force: true });
});

const database = () => readPostmaster(join(dataDir, 'postgres'))?.pid;

async function accessToken(): Promise<string> {
  const made = await careweave(['client', 'add', '--name', 'Test', '--scopes', scope], settings);
  return backendToken(url, made.out, scope);
}

/** A child and a plan in one transaction: either both are there or neither. */
const pair = (name: string) => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    {
      fullUrl: `urn:uuid:${crypto.randomUUID()}`,
      resource: { resourceType: 'Patient', id: name, name: [{ family: 'Larkspur' }] },
      request: { method: 'PUT', url: `Patient/${name}` },
    },
    {
      resource: {
        resourceType: 'CarePlan',
        id: name,
        status: 'draft',
        intent: 'plan',
        subject: { reference: `Patient/${name}` },
      },
      request: { method: 'PUT', url: `CarePlan/${name}` },
    },
  ],
});

/** Writes pairs with a token until the server is gone; answers the names that were answered with success. */
async function writeUntilGone(token: string, prefix: string, onAnswer: (answers: number) => void): Promise<string[]> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/fhir+json' };
  const answered: string[] = [];
  const write = async (lane: number) => {
    for (let place = 0; ; place += 1) {
      const name = `${prefix}-${lane}-${place}`;
      const body = JSON.stringify(pair(name));
      const status = await fetch(`${url}/fhir`, { method: 'POST', headers, body }).then(
        (answer) => answer.status,
        () => undefined,
      );
      if (status === undefined) return;
      expect(status).toBe(200);
      onAnswer(answered.push(name));
    }
  };
  await Promise.all([1, 2, 3].map(write));
  return answered;
}

async function idsOf(type: string, token: string): Promise<string[]> {
  const headers = { Authorization: `Bearer ${token}` };
  const ids: string[] = [];
  for (let next: string | undefined = `${url}/fhir/${type}?_count=200`; next; ) {
    const page: {
      entry?: { resource: { id: string } }[];
      link: { relation: string; url: string }[];
    } = await (await fetch(next, { headers })).json();
    ids.push(...(page.entry ?? []).map(({ resource }) => resource.id));
    next = page.link.find(({ relation }) => relation === 'next')?.url;
  }
  return ids.sort();
}

describe('a server under writes over HTTP', () => {
  test('that is killed, with its database or without, has everything it answered after the next start', async () => {
    const answered: string[] = [];
    server = await readyServer(settings);
    const token = await accessToken();
    for (const [round, andDatabase] of [false, true].entries()) {
      const killed = server;
      const pid = database();
      const enough = 20 + 15 * round;
      const wrote = await writeUntilGone(token, `round${round}`, (answers) => {
        if (answers !== enough) return;
        killed.kill('SIGKILL');
        if (andDatabase && pid) process.kill(pid, 'SIGKILL');
      });
      expect(wrote.length).toBeGreaterThanOrEqual(enough);
      answered.push(...wrote);
      server = await readyServer(settings);
      const patients = await idsOf('Patient', token);
      expect(answered.filter((name) => !patients.includes(name))).toEqual([]);
      expect(await idsOf('CarePlan', token)).toEqual(patients);
    }
  });
});

describe('the demo', () => {
  const ready = () => server?.out().split('\n') ?? [];

  test('survives a stop and a kill in the middle of its loading, and its hospitals never outlive it', async () => {
    server = runServer(settings, []);
    await server.says('children with what the town knows of them');
    server.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    expect([database(), await isTaken(sandboxPort)]).toEqual([undefined, false]);

    server = runServer(settings, []);
    await server.says('children synced');
    server.kill('SIGKILL');
    // At once: the hospitals of the killed server may need a moment to notice.
    server = await readyServer(settings, []);
    expect(server.err()).toContain('The demo town is loaded');
    expect(server.err().trim().split('\n').length).toBeLessThanOrEqual(10);
    expect(ready()[0]).toBe(`careweave ready at ${url}`);
    const charts = ready().filter((line) => line.includes(`http://127.0.0.1:${sandboxPort}/ehr/`));
    expect(charts).toHaveLength(2);
    const links = ready()
      .slice(1)
      .map((line) => line.split(': ').at(-1) ?? '')
      .filter(Boolean);
    for (const link of links) expect([link, (await fetch(link)).status]).toEqual([link, 200]);
    const status = await careweave(['sync', 'status', '--json'], settings);
    const sites: { site: string; patients: number }[] = JSON.parse(status.out);
    expect(sites.map(({ site, patients }) => [site, patients > 0])).toEqual([
      ['lakeside', true],
      ['summit', true],
    ]);

    server.kill('SIGKILL');
    server = await readyServer(settings, []);
    expect(server.err()).toBe('');
    const postgres = database() ?? 0;
    expect(isAlive(postgres)).toBe(true);
    server.kill('SIGINT');
    expect(await server.ended).toBe(0);
    expect(isAlive(postgres)).toBe(false);
    expect(await isTaken(sandboxPort)).toBe(false);
  }, 180_000);
});
