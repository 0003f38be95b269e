import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { dirname } from 'node:path';
import { createApp, openHouse } from './app.ts';
import { fail, ok, type Result } from './base/errors.ts';
import { limits } from './base/limits.ts';
import { createLogger } from './base/log.ts';
import { type Config, readConfig } from './config.ts';
import { openDemo } from './demo.ts';

/** The server: configuration → port → database → app → demo → ready line; drained on SIGTERM and SIGINT. */
async function start(): Promise<Result<() => Promise<void>>> {
  const unknown = process.argv.slice(2).find((word) => word !== '--empty');
  if (unknown)
    return fail(
      'invalid',
      `Careweave does not know the argument ${unknown}: the only one is --empty, which starts without the demo town.`,
    );
  const config = readConfig(dirname(import.meta.dirname));
  if (!config.ok) return config;
  const log = createLogger(config.value.logLevel);
  // The port is taken first: when somebody else has it, nothing has been created yet.
  const door = await openDoor(config.value);
  if (!door.ok) return door;
  const house = await openHouse(config.value, log);
  if (!house.ok) {
    door.value.server.close();
    return house;
  }
  let stopping = false;
  let links: readonly { label: string; url: string }[] = [];
  door.value.serve(
    createApp(
      house.value,
      () => links,
      () => stopping,
    ),
  );
  const demo = await openDemo(house.value, { empty: process.argv.includes('--empty') });
  if (!demo.ok) {
    door.value.server.close();
    await house.value.close();
    return demo;
  }
  links = demo.value.links;
  house.value.worker.start();
  announce(config.value, links);
  return ok(async () => {
    if (stopping) return;
    stopping = true;
    await drain(door.value.server);
    await demo.value.close();
    await house.value.close();
  });
}

interface Door {
  server: Server;
  serve(listener: RequestListener): void;
}

/** Listens at once; until the house is open every request is answered with 503. */
function openDoor(config: Config): Promise<Result<Door>> {
  let listener: RequestListener = (_request, response) => {
    response.writeHead(503, { 'Retry-After': '2', 'Content-Type': 'text/plain' }).end('Careweave is starting.\n');
  };
  const server = createHttpServer((request, response) => listener(request, response));
  server.requestTimeout = limits.http.requestMs;
  return new Promise((resolve) => {
    server.once('error', (fault: NodeJS.ErrnoException) => resolve(doorFailure(fault, config)));
    server.listen(config.port, config.host, () => {
      const serve = (next: RequestListener) => {
        listener = next;
      };
      resolve(ok({ server, serve }));
    });
  });
}

function doorFailure(fault: NodeJS.ErrnoException, config: Config) {
  if (fault.code === 'EADDRINUSE') {
    return fail(
      'conflict',
      `Port ${config.port} is taken by another program: stop it, or choose another port, e.g. PORT=${config.port + 1} npm start.`,
    );
  }
  if (fault.code === 'EACCES')
    return fail('forbidden', `Port ${config.port} may not be opened by this user: choose one above 1023 with PORT.`);
  return fail(
    'invalid',
    `Cannot listen on ${config.host}:${config.port} (${fault.code ?? 'unknown'}): check HOST and PORT.`,
  );
}

/** Lets requests under way finish, for a bounded time. */
function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), limits.http.drainMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function announce(config: Config, links: readonly { label: string; url: string }[]): void {
  process.stdout.write(`careweave ready at ${config.publicUrl}\n`);
  for (const { label, url } of links) process.stdout.write(`  ${label}: ${url}\n`);
}

const started = await start();
if (!started.ok) {
  process.stderr.write(`${started.error.issues[0]?.text ?? 'Careweave could not start.'}\n`);
  process.exit(1);
}
const stop = async () => {
  await started.value();
  process.exit(0);
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.on('SIGHUP', stop);
process.on('disconnect', stop);
