import { existsSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { backendToken } from '../../scripts/bench/backend-token.ts';
import { openTestHouse, type TestHouse, unwrap } from '../support/house.ts';

/** The command line beside a running server. */
let house: TestHouse;

beforeAll(async () => {
  house = await openTestHouse();
});
afterAll(async () => {
  await house.shut();
});

const json = async (...words: string[]) => JSON.parse(await house.command(...words));
const add = (name: string, scopes: string, ...more: string[]) =>
  json('client', 'add', '--name', name, '--scopes', scopes, ...more);
const redirect = ['--redirect-uri', 'https://diary.example/callback'];

describe('client add, refused', () => {
  test.each<[string, string[], RegExp]>([
    ['a type that is none', ['--type', 'secret'], /public, symmetric or asymmetric/],
    [
      'keys for a public client',
      ['--type', 'public', '--jwks-url', 'https://x.example/jwks', ...redirect],
      /asymmetric clients/,
    ],
    ['a public client without a redirect URI', ['--type', 'public'], /needs a redirect URL/],
    [
      'SC-138 a script as redirect URI',
      ['--type', 'public', '--redirect-uri', 'javascript:alert(1)'],
      /must use https/,
    ],
    [
      'SC-138 a scheme of its own without --native',
      ['--type', 'public', '--redirect-uri', 'org.example.diary:/cb'],
      /must use https/,
    ],
    [
      'SC-138 a scheme that is no reversed domain',
      ['--type', 'public', '--native', '--redirect-uri', 'diary:/cb'],
      /must use https/,
    ],
    ['an origin with a path', ['--type', 'public', '--origin', 'https://diary.example/x', ...redirect], /An origin is/],
    ['rights for a public client', ['--type', 'public', '--admin', ...redirect], /public client has neither/],
    ['an id that would be a path', ['--id', '../../etc/x'], /client id/],
    ['a state code without a system', ['--state-code', 'notes', '--type', 'public', ...redirect], /system\|code/],
    ['a name of two lines', ['--type', 'public', '--name', 'a\nb', ...redirect], /one line/],
  ])('%s', async (_name, more, text) => {
    const words = ['client', 'add', '--name', 'Diary', '--scopes', 'patient/*.rs', ...more];
    await expect(house.command(...words)).rejects.toThrow(text);
  });
});

describe('client', () => {
  test('SC-130 SC-137 SC-138 the three types, with all that can be registered', async () => {
    const native = [
      '--native',
      '--redirect-uri',
      'org.example.diary:/callback',
      '--redirect-uri',
      'http://127.0.0.1/callback',
    ];
    const more = [
      '--launch-url',
      'https://diary.example/launch',
      '--origin',
      'https://diary.example',
      '--logo',
      'https://diary.example/l.png',
    ];
    const rest = ['--contact', 'Diary support', '--tenant', 't-1', '--state-code', 'https://diary.example|notes'];
    const open = await add('Diary', 'launch patient/*.rs', '--type', 'public', ...native, ...more, ...rest);
    expect([open.client_secret, open.private_key]).toEqual([undefined, undefined]);
    expect(await json('client', 'show', open.client_id)).toMatchObject({
      type: 'public',
      active: true,
      redirect_uris: ['org.example.diary:/callback', 'http://127.0.0.1/callback'],
      launch_urls: ['https://diary.example/launch'],
      origins: ['https://diary.example'],
      logo_uri: 'https://diary.example/l.png',
      contacts: ['Diary support'],
      tenant: 't-1',
      state_codes: ['https://diary.example|notes'],
      native: true,
    });

    const keyed = await add('Machine', 'system/*.rs', '--introspects');
    expect(existsSync(keyed.private_key)).toBe(true);
    expect(statSync(keyed.private_key).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(await json('client', 'show', keyed.client_id))).not.toContain('"d"');
    expect(await backendToken(house.url, JSON.stringify(keyed), 'system/Patient.rs')).toMatch(/^ey/);
  });

  test('SC-139 a secret is told once; the next takes over from it', async () => {
    const made = await add('Chart', 'patient/*.rs', '--type', 'symmetric', ...redirect);
    const works = async (secret: string) => {
      const form = { token: 'x', client_id: made.client_id, client_secret: secret };
      return (await fetch(`${house.url}/auth/introspect`, { method: 'POST', body: new URLSearchParams(form) })).status;
    };
    expect(made.client_secret).toHaveLength(43);
    expect(await house.command('client', 'show', made.client_id)).not.toContain(made.client_secret);
    expect(await house.command('client', 'list')).not.toContain(made.client_secret);
    const { client_secret: next } = await json('client', 'secret', 'rotate', made.client_id);
    expect([await works(made.client_secret), await works(next), await works('x')]).toEqual([200, 200, 401]);
    const { client_secret: last } = await json('client', 'secret', 'rotate', made.client_id, '--alone');
    expect([await works(made.client_secret), await works(next), await works(last)]).toEqual([401, 401, 200]);
    await expect(house.command('client', 'secret', 'rotate', 'nobody')).rejects.toThrow(/no such client/);
    const keyed = await add('Keyed', 'system/*.rs');
    await expect(house.command('client', 'secret', 'rotate', keyed.client_id)).rejects.toThrow(/no secret/);
  });

  test('deactivated: gone for the running server, still listed', async () => {
    const made = await add('Machine', 'system/*.rs');
    await house.command('client', 'deactivate', made.client_id);
    await expect(backendToken(house.url, JSON.stringify(made), 'system/Patient.rs')).rejects.toThrow(/401/);
    expect(await house.command('client', 'list')).toContain(`${made.client_id}\tinactive`);
    await expect(house.command('client', 'show', 'nobody')).rejects.toThrow(/no such client/);
  });

  test('the demo’s clients are none in production', async () => {
    const demo = await house.auth.clients.put({
      id: 'demo-app',
      name: 'Demo',
      type: 'public',
      scopes: 'patient/*.rs',
      redirectUris: ['https://demo.example/'],
      demo: true,
    });
    expect(unwrap(demo).active).toBe(true);
    await house.auth.clients.endDemo();
    expect((await house.auth.clients.find('demo-app'))?.active).toBe(false);
    expect((await house.auth.clients.find('careweave-clinician'))?.active).toBe(true);
  });
});

test('TH-66 what was administered by command is in the audit trail, what was only looked at is not', async () => {
  const { client_id } = await add('Told', 'system/*.rs');
  await house.command('client', 'list');
  await house.command('client', 'deactivate', client_id);
  const rows = await house.store.query<{ entry: string }>(
    'SELECT entry FROM audit_pending UNION ALL SELECT entry FROM audit_event',
  );
  const told = rows.map(({ entry }) => JSON.parse(entry)).filter(({ client }) => client === 'command-line');
  const details = told.map(({ act, detail }) => `${act}: ${detail}`);
  expect(details).toContain('administration: client add');
  expect(details).toContain(`administration: client deactivate ${client_id}`);
  expect(details.join()).not.toContain('list');
});

describe('key and grant', () => {
  test('SC-015 a rotation is taken up by the running server', async () => {
    const { kid } = await json('key', 'rotate');
    expect(await house.command('key', 'list')).toMatch(new RegExp(`^${kid}\twaiting`));
    await expect(house.command('key', 'rotate')).rejects.toThrow(/under way/);
  });

  test('grants are ended only when it is said which', async () => {
    expect(await house.command('grant', 'list', '--user', 'RelatedPerson/none')).toBe('');
    await expect(house.command('grant', 'revoke')).rejects.toThrow(/Say which/);
    await expect(house.command('grant', 'revoke', '--id', 'x')).rejects.toThrow(/no such grant/);
  });
});
