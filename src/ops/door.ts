import { createServer, type RequestListener, type Server } from 'node:http';
import { fail, ok, type Result } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { starting } from './starting.ts';

/** The address the server listens on. */
export interface Door {
  /** From now on requests are answered by `listener`; before, by `starting`. */
  serve(listener: RequestListener): void;
  /** Takes no more requests and lets those under way finish, for a bounded time. */
  close(): Promise<void>;
}

/** Listens at once, so that a taken port is known before anything else is opened. Errors: `conflict`, `forbidden`, `invalid`. */
export function openDoor(
  { host, port }: { host: string; port: number },
  { headersMs, requestMs }: { headersMs: number; requestMs: number } = limits.http,
): Promise<Result<Door>> {
  let listener: RequestListener = starting;
  const server = createServer({ connectionsCheckingInterval: Math.min(5000, headersMs / 2) }, (request, response) =>
    listener(request, response),
  );
  // Who sends slowly, or never to the end, holds a connection for so long and no longer.
  server.headersTimeout = headersMs;
  server.requestTimeout = requestMs;
  server.maxHeadersCount = limits.http.headers;
  const serve = (next: RequestListener) => {
    listener = next;
  };
  return new Promise((resolve) => {
    server.once('error', (fault: NodeJS.ErrnoException) => resolve(doorFailure(fault, host, port)));
    server.listen(port, host, () => resolve(ok({ serve, close: () => drain(server) })));
  });
}

function doorFailure(fault: NodeJS.ErrnoException, host: string, port: number) {
  if (fault.code === 'EADDRINUSE') {
    const next = port < 65_535 ? port + 1 : port - 1;
    return fail(
      'conflict',
      `Port ${port} is taken by another program: stop it, or choose another port, e.g. PORT=${next} npm start.`,
    );
  }
  if (fault.code === 'EACCES')
    return fail('forbidden', `Port ${port} may not be opened by this user: choose one above 1023 with PORT.`);
  return fail('invalid', `Cannot listen on ${host}:${port} (${fault.code ?? 'unknown'}): check HOST and PORT.`);
}

function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), limits.http.drainMs);
    // A connection that is kept alive becomes idle once its request is answered; nobody else would close it.
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    server.close(() => {
      clearTimeout(cut);
      clearInterval(sweep);
      resolve();
    });
    server.closeIdleConnections();
  });
}
