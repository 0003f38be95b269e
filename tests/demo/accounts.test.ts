import { readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { demoTown } from '../../fixtures/town/index.ts';
import { addDemoAccounts } from '../../src/demo/accounts.ts';
import { Visitor } from '../auth/support/person.ts';
import { openTestHouse, type TestHouse, unwrap } from '../support/house.ts';

let house: TestHouse;
let file: string;

beforeAll(async () => {
  house = await openTestHouse();
  const town = demoTown();
  const slugs = ['rowan-fennimore', 'juniper-fennimore', 'wren-castellane', 'inez-solorio-vale', 'odell-brightwater'];
  const bundles = town.children.filter(({ slug }) => slugs.includes(slug)).map(({ bundle }) => bundle);
  for (const path of [town.organizations, ...bundles])
    expect((await house.fhir('POST', '', readFileSync(path, 'utf8'))).status).toBe(200);
  file = unwrap(await add());
});
afterAll(() => house.shut());

const add = () => addDemoAccounts({ store: house.store, clock: house.clock, dataDir: house.config.dataDir });
const lines = () =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('\t'));
const passwordOf = (name: string) => lines().find(([username]) => username === name)?.[1] ?? '';

async function signIn(username: string, password: string) {
  const visitor = new Visitor(house.url);
  await visitor.open(`${house.url}/auth/sign-in`);
  return { visitor, seen: await visitor.submit('sign-in', { username, password }) };
}

describe('the demo’s accounts', () => {
  test('their passwords are drawn, and in a file that only its owner reads', async () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(new Set(lines().map(([, password]) => password)).size).toBe(6);
    const before = passwordOf('demo-teen');
    await add();
    expect(passwordOf('demo-teen')).not.toBe(before);
    expect((await signIn('demo-teen', before)).seen.status).toBe(401);
  });

  test('a guardian of two, a young person, and a clinician who has to set up a second factor', async () => {
    expect((await signIn('demo-teen', passwordOf('demo-teen'))).seen.title).toBe('Your account');
    const { seen } = await signIn('demo-clinician', passwordOf('demo-clinician'));
    expect(seen.title).toBe('Set up a second factor');
    const client = JSON.parse(
      await house.command(
        ...['client', 'add', '--name', 'First app', '--type', 'public'],
        ...['--redirect-uri', 'http://127.0.0.1:9999/app-back', '--scopes', 'launch/patient patient/*.rs'],
      ),
    );
    const { visitor } = await signIn('demo-guardian', passwordOf('demo-guardian'));
    const page = await visitor.open(
      `${house.url}/auth/authorize?${new URLSearchParams({
        response_type: 'code',
        client_id: client.client_id,
        redirect_uri: 'http://127.0.0.1:9999/app-back',
        scope: 'launch/patient patient/Patient.rs',
        state: 's',
        aud: `${house.url}/fhir`,
        code_challenge: 'x'.repeat(43),
        code_challenge_method: 'S256',
      })}`,
    );
    expect(page.text).toContain('Juniper Mae Fennimore');
    expect(page.text).toContain('Rowan Ellis Fennimore');
  });

  test('SC-042 a production server ends them: nobody signs in with one, or stays signed in', async () => {
    const { visitor } = await signIn('demo-teen', passwordOf('demo-teen'));
    await house.auth.accounts.endDemo();
    expect((await visitor.open(`${house.url}/auth/account`)).title).toBe('Sign in');
    for (const [name = '', password = ''] of lines()) expect((await signIn(name, password)).seen.status).toBe(401);
  });
});
