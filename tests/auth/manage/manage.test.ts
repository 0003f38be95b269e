import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AuthServer } from '../support/auth-server.ts';
import { authorizeUrl, enrol, redeem, registerApp, startPeopleServer, Visitor } from '../support/person.ts';

let server: AuthServer;
let father: Visitor;
let mother: Visitor;
let cleo: Visitor;

beforeAll(async () => {
  server = await startPeopleServer();
  father = (await enrol(server, 'father', ['RelatedPerson/ada-father'])).visitor;
  mother = (await enrol(server, 'mother', ['RelatedPerson/ada-mother', 'RelatedPerson/ben-mother'])).visitor;
  cleo = (await enrol(server, 'cleo-s', ['Patient/cleo'])).visitor;
});
afterAll(async () => {
  await server.close();
});

const manage = (visitor: Visitor) => visitor.open(`${server.url}/auth/manage`);

async function letIn(visitor: Visitor, name: string, patient?: string) {
  const app = await registerApp(server, { name });
  await visitor.open(authorizeUrl(server, app));
  if (patient !== undefined) await visitor.submit('choose', { patient });
  const token = await redeem(server, app, await visitor.submit('allow'));
  return { app, bearer: `Bearer ${String(token.access_token)}`, refresh: String(token.refresh_token) };
}

/** Presses “End access” of the app on the page. */
function press(visitor: Visitor, name: string) {
  const entry = String(visitor.seen?.text)
    .split('<li class="entry">')
    .find((part) => part.includes(name));
  const grant = /name="grant" value="([^"]+)"/.exec(entry ?? '')?.[1];
  return visitor.submit('manage', { grant });
}

test('SC-111 nobody signed in is asked to', async () => {
  expect((await manage(new Visitor(server.url))).title).toBe('Sign in');
});

test('SC-111 every app, what it may do in words, for which child, when it was used', async () => {
  await letIn(mother, 'Growth Charts', 'ada');
  await letIn(mother, 'School Forms', 'ben');
  const { text } = await manage(mother);
  const entry = text.split('<li class="entry">').find((part) => part.includes('School Forms'));
  expect(entry).toContain('Ben &lt;Testwell&gt;');
  expect(entry).toContain('See: care plans');
  expect(entry).toContain('It keeps its access until you end it.');
  expect(entry).toMatch(/last used <time datetime="20/);
  expect(text).toContain('Growth Charts');
});

test('SC-111 nobody sees what somebody else has let in: not the other parent, not the young person', async () => {
  await letIn(father, 'Fathers App');
  await letIn(cleo, 'Teens App');
  for (const [visitor, own, foreign] of [
    [father, 'Fathers App', ['Growth Charts', 'Teens App']],
    [cleo, 'Teens App', ['Fathers App', 'Growth Charts']],
    [mother, 'School Forms', ['Fathers App', 'Teens App']],
  ] as const) {
    const { text } = await manage(visitor);
    expect(text).toContain(own);
    for (const name of foreign) expect(text).not.toContain(name);
  }
});

test('SC-111 ending access ends its tokens at once, and the app has to ask again', async () => {
  const { app, bearer, refresh } = await letIn(father, 'Ended App');
  expect((await server.auth.verifyBearer(bearer)).ok).toBe(true);
  await manage(father);
  const seen = await press(father, 'Ended App');
  expect(seen.text).toContain('Ended App has no access any more.');
  expect(seen.text).not.toContain('<li class="entry"><h2>Ended App');
  expect((await server.auth.verifyBearer(bearer)).ok).toBe(false);
  const form = { grant_type: 'refresh_token', client_id: app.id, refresh_token: refresh };
  const answer = await fetch(server.tokenUrl, { method: 'POST', body: new URLSearchParams(form) });
  expect(answer.status).toBe(400);
  expect((await father.open(authorizeUrl(server, app))).title).toContain('Allow');
});

test('SC-111 TH-12 a foreign grant, or a form that was not ours, ends nothing', async () => {
  const { bearer } = await letIn(mother, 'Kept App', 'ada');
  await manage(mother);
  const entry = String(mother.seen?.text)
    .split('<li class="entry">')
    .find((part) => part.includes('Kept App'));
  const grant = /name="grant" value="([^"]+)"/.exec(entry ?? '')?.[1];
  await manage(father);
  await father.submit('manage', { grant });
  await manage(mother);
  await mother.submit('manage', { grant, token: 'x'.repeat(43) });
  expect((await server.auth.verifyBearer(bearer)).ok).toBe(true);
});
