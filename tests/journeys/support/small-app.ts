import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

/** Somebody else's app on a site of its own: two pages and fhirclient's build for browsers, as its documentation has it. */
export interface SmallApp {
  url: string;
  redirectUri: string;
  /** Where it starts, once it knows which server and what it is called there. */
  launchUrl(settings: { iss: string; clientId: string; scope: string }): string;
  close(): Promise<void>;
}

const library = readFileSync(createRequire(import.meta.url).resolve('fhirclient/build/fhir-client.js'), 'utf8');

const launchPage = `<!doctype html><html lang="en"><head><title>Small app</title><script src="/fhir-client.js"></script></head><body><script>
const query = new URLSearchParams(location.search);
FHIR.oauth2.authorize({ iss: query.get('iss'), clientId: query.get('client_id'), scope: query.get('scope'), redirectUri: '/back' });
</script></body></html>`;

const backPage = `<!doctype html><html lang="en"><head><title>Small app</title><script src="/fhir-client.js"></script></head><body><main><h1>Plan</h1><pre id="said"></pre></main><script>
const say = (what) => { document.getElementById('said').textContent = JSON.stringify(what, null, 1); document.title = 'Small app: done'; };
FHIR.oauth2.settings.refreshTokenWithClientId = true;
FHIR.oauth2.ready().then(async (client) => {
  const patient = await client.patient.read();
  const plans = await client.request('CarePlan?patient=' + client.patient.id);
  const user = await client.user.read().then((one) => one.resourceType + '/' + one.id, (fault) => 'user: ' + fault.message);
  say({ patient: patient.id, born: patient.birthDate, plans: (plans.entry || []).map((one) => one.resource.title), user, fhirUser: client.user.fhirUser,
    scope: client.state.tokenResponse.scope, refreshed: (await client.refresh()).tokenResponse.access_token !== client.state.wasAccess });
}).catch((fault) => say({ fault: fault.message }));
</script></body></html>`;

export async function startSmallApp(): Promise<SmallApp> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    if (path === '/fhir-client.js') response.setHeader('content-type', 'text/javascript').end(library);
    else if (path === '/launch') response.setHeader('content-type', 'text/html').end(launchPage);
    else if (path === '/back') response.setHeader('content-type', 'text/html').end(backPage);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    redirectUri: `${url}/back`,
    launchUrl: ({ iss, clientId, scope }) =>
      `${url}/launch?${new URLSearchParams({ iss, client_id: clientId, scope })}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
