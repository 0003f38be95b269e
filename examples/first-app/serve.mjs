// Serves the example on this machine: node examples/first-app/serve.mjs <client_id> [<FHIR base>]
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const [clientId, iss = 'http://127.0.0.1:8080/fhir'] = process.argv.slice(2);
const port = Number(process.env.PORT ?? 3000);
const files = {
  '/': ['text/html', readFileSync(new URL('index.html', import.meta.url))],
  '/fhir-client.js': ['text/javascript', readFileSync(createRequire(import.meta.url).resolve('fhirclient/build/fhir-client.js'))],
  '/settings.json': ['application/json', JSON.stringify({ clientId, iss })],
};

createServer((request, response) => {
  const [type, body] = files[new URL(request.url, 'http://x').pathname] ?? [];
  if (body === undefined) response.writeHead(404).end();
  else response.setHeader('Content-Type', type).end(body);
}).listen(port, '127.0.0.1', () => process.stdout.write(`first app at http://127.0.0.1:${port}/\n`));
