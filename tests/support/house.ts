import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { backendToken } from '../../scripts/bench/backend-token.ts';
import { createApp, furnish, type House } from '../../src/app.ts';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import type { Result } from '../../src/base/errors.ts';
import { planCommands } from '../../src/commands/plans.ts';
import { siteCommands } from '../../src/commands/sites.ts';
import { syncCommands } from '../../src/commands/sync.ts';
import { readConfig } from '../../src/config.ts';
import type { Command } from '../../src/module.ts';
import { findCommand, readInput, runCommand as runNow } from '../../src/ops/command-line.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { testLogger } from './test-log.ts';
import { createOutputVerifier } from './verifier/output-verifier.ts';

/** A whole Careweave in this process: every room, real HTTP, a database of its own. */
export interface TestHouse extends House {
  url: string;
  /** Its connections. */
  pool: pg.Pool;
  /** Runs a command of the command line and answers what it printed. */
  command(...words: string[]): Promise<string>;
  /** The access token of a client that may do everything. */
  token(): Promise<string>;
  /** The FHIR API with a token of a client that may do everything. A body is JSON, or text of the content type given. */
  fhir(
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
  ): Promise<{ status: number; json: any; text: string }>;
  shut(): Promise<void>;
}

const root = join(import.meta.dirname, '..', '..');

export function unwrap<T>(result: Result<T>): T {
  if (!result.ok)
    throw new Error(result.error.issues.map(({ text }) => text).join('; '), { cause: result.error.cause });
  return result.value;
}

/** `clock`: the time it is in the house. `dress`: what is put in the place of some room before it is served. */
export async function openTestHouse({
  clock,
  env = {},
  dress = (house) => house,
  database: given,
}: {
  clock?: Clock;
  /** An open database in place of an empty one; it is dropped with the house. */
  database?: TestDatabase;
  /** Settings besides. */
  env?: Record<string, string>;
  dress?: (house: House) => House;
} = {}): Promise<TestHouse> {
  const database = given ?? (await createTestDatabase());
  const dataDir = mkdtempSync(join(tmpdir(), 'careweave-house-'));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const config = unwrap(
    readConfig(root, { DATA_DIR: dataDir, PORT: String(port), RATE_LIMITS: 'all=1000000000', ...env }),
  );
  const log = testLogger();
  const external = { pool: database.pool, kind: 'external', stop: async () => {} } as const;
  const verifier = createOutputVerifier(database.pool, clock ?? systemClock, true);
  const furnished = unwrap(await furnish(config, log, external, { ...(clock && { clock }) }));
  const opened = dress({ ...furnished, inspect: verifier.inspect });
  server.on(
    'request',
    createApp(
      opened,
      () => [],
      () => false,
    ),
  );
  const house = { ...opened, url: config.publicUrl, pool: database.pool };
  const command = (...words: string[]) => runCommand(house, words);
  let made: Promise<string> | undefined;
  const token = () => {
    const scope = 'system/*.cruds';
    made ??= command('client', 'add', '--name', 'journey', '--scopes', scope).then((client) =>
      backendToken(house.url, client, scope),
    );
    return made;
  };
  const fhir: TestHouse['fhir'] = async (method, path, body, contentType) =>
    send(`${house.url}/fhir${path}`, method, await token(), body, contentType);
  const shut = async () => {
    await house.worker.stop();
    await closed(server);
    await house.close();
    await database.drop();
    rmSync(dataDir, { recursive: true, force: true });
    if (verifier.leaks.length > 0) throw new Error(verifier.leaks.join('\n'));
  };
  return { ...house, command, token, fhir, shut };
}

async function runCommand(house: House, words: readonly string[]): Promise<string> {
  const commands: Command[] = [
    ...house.commands,
    ...siteCommands(house),
    ...syncCommands(house),
    ...planCommands(house),
  ];
  const found = findCommand(commands, words);
  if (!found) throw new Error('no such command');
  const lines: string[] = [];
  const { store, clock, log } = house;
  const given = { store, clock, log, print: (line: string) => lines.push(line), progress: () => {} };
  unwrap(await runNow(found.command, unwrap(readInput(found.command, found.rest, given)), house.trail));
  return lines.join('\n');
}

async function send(url: string, method: string, token: string, body: unknown, contentType = 'application/fhir+json') {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': contentType };
  const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
  const answer = await fetch(url, { method, headers, body: text });
  const received = await answer.text();
  return { status: answer.status, text: received, json: received === '' ? undefined : JSON.parse(received) };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** One of the demo town's hospital records, as the text of a transaction bundle. */
export function hospitalRecord(hospital: 'lakeside' | 'summit', child: string): string {
  return readFileSync(join(root, 'fixtures', 'ehr', hospital, `${child}.json`), 'utf8');
}
