import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAccounts } from '../../../src/auth/people/accounts.ts';
import { createEnrolments } from '../../../src/auth/people/enrolments.ts';
import { limits } from '../../../src/base/limits.ts';
import type { AuthServer } from '../support/auth-server.ts';
import {
  authenticatorOf,
  codeAt,
  enrol,
  invite,
  password,
  signIn,
  startPeopleServer,
  Visitor,
} from '../support/person.ts';

let server: AuthServer;

beforeAll(async () => {
  server = await startPeopleServer();
});
afterAll(async () => {
  await server.close();
});

async function atSignIn(): Promise<Visitor> {
  const visitor = new Visitor(server.url);
  await visitor.open(`${server.url}/auth/sign-in`);
  return visitor;
}

/** Without what differs on every page: tokens and the name that was typed. */
const wording = (text: string) => text.replace(/value="[^"]*"/g, '');

describe('refused (TH-12)', () => {
  beforeAll(async () => {
    await enrol(server, 'known', []);
    await invite(server, 'invited-only', []);
    const { id } = await enrol(server, 'ended', []);
    await createAccounts(server).setActive(id, false);
  });

  test('TH-12 an unknown name, a wrong password, an invited and an ended account: one wording, one status', async () => {
    const tries = [
      ['nobody', password],
      ['known', 'a wrong password'],
      ['invited-only', password],
      ['ended', password],
      ['', ''],
    ] as const;
    const pages = [];
    for (const [name, given] of tries) pages.push(await signIn(await atSignIn(), name, given));
    expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([401]));
    expect(new Set(pages.map(({ text }) => wording(text))).size).toBe(1);
    for (const { headers } of pages) expect(headers.getSetCookie().join()).not.toContain('careweave_account');
  });

  test('TH-12 login CSRF: a form that was not ours, or was another browser’s, signs nobody in', async () => {
    const mine = await atSignIn();
    const token = /name="token" value="([^"]+)"/.exec(String(mine.seen?.text))?.[1] ?? '';
    const post = (visitor: Visitor, form: Record<string, string>) =>
      visitor.open(`${server.url}/auth/sign-in`, {
        method: 'POST',
        body: new URLSearchParams({ username: 'known', password, ...form }),
      });
    for (const seen of [
      await post(mine, {}),
      await post(await atSignIn(), { token }),
      await post(new Visitor(server.url), { token }),
    ])
      expect([seen.status, seen.title]).toEqual([400, 'Sign in']);
  });

  test('TH-12 an account rests after five wrong tries, for longer each time, whatever is tried then', async () => {
    await enrol(server, 'tired', []);
    const visitor = await atSignIn();
    for (let round = 0; round < limits.people.freeFailures; round += 1)
      await signIn(visitor, 'tired', 'wrong wrong wrong');
    expect((await signIn(visitor, 'tired')).status).toBe(401);
    server.clock.advance(limits.people.restSeconds + 1);
    expect((await signIn(visitor, 'tired', 'wrong wrong wrong')).status).toBe(401);
    server.clock.advance(limits.people.restSeconds + 1);
    expect((await signIn(visitor, 'tired')).status).toBe(401);
    server.clock.advance(limits.people.restSeconds + 1);
    expect((await signIn(visitor, 'tired')).title).toBe('Your account');
  });

  test('TH-12 ten guesses at once are counted before they are judged', async () => {
    const { id } = await enrol(server, 'rushed', []);
    const visitors = await Promise.all(Array.from({ length: 10 }, atSignIn));
    await Promise.all(visitors.map((visitor) => signIn(visitor, 'rushed', 'wrong wrong wrong')));
    const [row] = await server.sql.query<{ failures: number }>('SELECT failures FROM auth_account WHERE id = $1', [id]);
    expect(row?.failures).toBe(limits.people.freeFailures);
  });

  test('TH-12 one address gets so many wrong tries, whatever the names; then 429 with Retry-After', async () => {
    await server.sql.query('UPDATE auth_sign_in_address SET failures = $1, expires_at = $2', [
      limits.people.addressFailures,
      new Date(server.clock.now().getTime() + 60_000),
    ]);
    const seen = await signIn(await atSignIn(), 'known');
    expect(seen.status).toBe(429);
    expect(Number(seen.headers.get('retry-after'))).toBeGreaterThan(0);
    await server.sql.query('DELETE FROM auth_sign_in_address');
    expect((await signIn(await atSignIn(), 'known')).title).toBe('Your account');
  });
});

describe('sessions', () => {
  test('TH-12 a session that was there before is not the one after: nobody can have planted it', async () => {
    const { visitor } = await enrol(server, 'planted', []);
    const before = visitor.cookies.get('careweave_account');
    await visitor.open(`${server.url}/auth/sign-in`);
    await signIn(visitor, 'planted');
    const after = visitor.cookies.get('careweave_account');
    expect(after).not.toBe(before);
    const other = new Visitor(server.url);
    other.cookies.set('careweave_account', String(before));
    expect((await other.open(`${server.url}/auth/account`)).title).toBe('Sign in');
  });

  test('the cookie is for our own pages only: no script reads it, no other site sends it', async () => {
    await enrol(server, 'cookie', []);
    const visitor = await atSignIn();
    const token = /name="token" value="([^"]+)"/.exec(String(visitor.seen?.text))?.[1] ?? '';
    const response = await fetch(`${server.url}/auth/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: `careweave_visit=${visitor.cookies.get('careweave_visit')}` },
      body: new URLSearchParams({ username: 'cookie', password, token }),
    });
    const cookie = response.headers.getSetCookie().find((line) => line.startsWith('careweave_account='));
    expect(cookie).toMatch(/; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
  });

  test('signing out ends the session; so does disabling the account', async () => {
    const { visitor, id } = await enrol(server, 'leaver', []);
    await visitor.open(`${server.url}/auth/account`);
    const cookie = String(visitor.cookies.get('careweave_account'));
    expect((await visitor.submit('sign-out')).title).toBe('You are signed out');
    visitor.cookies.set('careweave_account', cookie);
    expect((await visitor.open(`${server.url}/auth/account`)).title).toBe('Sign in');
    await signIn(visitor, 'leaver');
    await createAccounts(server).setActive(id, false);
    expect((await visitor.open(`${server.url}/auth/account`)).title).toBe('Sign in');
  });

  test('TH-12 nobody may frame our pages, and no script runs in them', async () => {
    const { headers } = await (await atSignIn()).open(`${server.url}/auth/sign-in`);
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/,
    );
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });
});

describe('second factor', () => {
  test('TH-12 a practitioner and an administrator cannot do without; their password alone opens nothing', async () => {
    for (const [name, links, more] of [
      ['dr-one', ['Practitioner/one'], {}],
      ['admin-one', [], { administrator: true }],
    ] as const) {
      const visitor = new Visitor(server.url);
      const { link } = await invite(server, name, links, more);
      await visitor.open(link);
      expect((await visitor.submit('enrol', { password, again: password })).title).toBe('Set up a second factor');
      expect(visitor.cookies.has('careweave_account')).toBe(false);
      expect((await visitor.open(`${server.url}/auth/account`)).title).toBe('Sign in');
      expect((await signIn(visitor, name)).title).toBe('Set up a second factor');
    }
  });

  test('password, then a code; the same code is good once', async () => {
    const { totp } = await enrol(server, 'dr-two', ['Practitioner/two']);
    server.clock.advance(60);
    const code = codeAt(server, totp);
    const visitor = await atSignIn();
    expect((await signIn(visitor, 'dr-two')).title).toBe('Your second factor');
    expect((await visitor.submit('second-factor', { code })).title).toBe('Your account');
    const again = await atSignIn();
    await signIn(again, 'dr-two');
    expect((await again.submit('second-factor', { code })).status).toBe(401);
  });

  test('TH-12 wrong codes make the account rest too, and a right password in between does not help', async () => {
    await enrol(server, 'dr-three', ['Practitioner/three']);
    server.clock.advance(60);
    for (let round = 0; round < limits.people.freeFailures; round += 1) {
      const visitor = await atSignIn();
      await signIn(visitor, 'dr-three');
      expect((await visitor.submit('second-factor', { code: '000000' })).status).toBe(401);
    }
    expect((await signIn(await atSignIn(), 'dr-three')).status).toBe(401);
  });

  test('TH-12 whoever has only the password cannot set up a second factor of their own', async () => {
    await enrol(server, 'dr-four', ['Practitioner/four']);
    const visitor = await atSignIn();
    await signIn(visitor, 'dr-four');
    expect((await visitor.open(`${server.url}/auth/set-up`)).title).toBe('Sign in');
  });

  test('each recovery code lets in once, however it is typed', async () => {
    const { recovery } = await enrol(server, 'dr-five', ['Practitioner/five']);
    expect(recovery).toHaveLength(limits.people.recoveryCodes);
    const [code = ''] = recovery;
    const visitor = await atSignIn();
    await signIn(visitor, 'dr-five');
    expect((await visitor.submit('second-factor', { code: code.toUpperCase().replaceAll('-', ' ') })).title).toBe(
      'Your account',
    );
    const again = await atSignIn();
    await signIn(again, 'dr-five');
    expect((await again.submit('second-factor', { code })).status).toBe(401);
  });

  test('a family may have one too, and replace it by showing password and code', async () => {
    const { visitor } = await enrol(server, 'careful', ['RelatedPerson/x']);
    await visitor.open(`${server.url}/auth/account`);
    const first = authenticatorOf((await visitor.submit('account', { do: 'second-factor', current: password })).text);
    expect((await visitor.submit('set-up', { code: '000000' })).status).toBe(400);
    expect((await visitor.submit('set-up', { code: codeAt(server, first) })).title).toBe('Your recovery codes');
    await visitor.open(`${server.url}/auth/account`);
    const wrong = { do: 'second-factor', current: password, code: '000000' };
    expect((await visitor.submit('account', wrong)).status).toBe(401);
    server.clock.advance(60);
    const right = { ...wrong, code: codeAt(server, first) };
    const next = await visitor.submit('account', right);
    const second = authenticatorOf(next.text);
    await visitor.submit('set-up', { code: codeAt(server, second) });
    const old = await atSignIn();
    server.clock.advance(60);
    await signIn(old, 'careful');
    expect((await old.submit('second-factor', { code: codeAt(server, first) })).status).toBe(401);
  });

  test('the secret is not in the database as it is', async () => {
    const { totp } = await enrol(server, 'dr-six', ['Practitioner/six']);
    const [row] = await server.sql.query<{ totp_secret: Buffer }>(
      "SELECT totp_secret FROM auth_account WHERE username = 'dr-six'",
    );
    expect(row?.totp_secret.includes(Buffer.from(totp?.secret.bytes ?? []))).toBe(false);
  });
});

describe('enrolment', () => {
  test.each([
    ['too short', 'plain-1', 'short words', 'at least 12 characters'],
    ['of the first that are guessed', 'plain-2', 'Password-1234', 'guessed first'],
    ['one letter', 'plain-3', 'aaaaaaaaaaaaaaaa', 'guessed first'],
    ['with the name', 'sensible', 'sensible-sensible', 'guessed first'],
  ])('a password that is %s is refused', async (_what, name, given, text) => {
    const visitor = new Visitor(server.url);
    await visitor.open((await invite(server, name, [])).link);
    const seen = await visitor.submit('enrol', { password: given, again: given });
    expect([seen.status, seen.text.includes(text)]).toEqual([400, true]);
  });

  test('a link is good once, for three days, and a new one ends the old', async () => {
    const { visitor, id } = await enrol(server, 'linked', []);
    const enrolments = createEnrolments(server);
    const page = async (token: string) => (await visitor.open(`${server.url}/auth/enrol?token=${token}`)).title;
    const [first, second] = [await enrolments.issue(id), await enrolments.issue(id)];
    expect(await page(first)).toBe('This link is no longer valid');
    expect(await page(second)).toBe('Choose a password');
    await visitor.submit('enrol', { password, again: password });
    expect(await page(second)).toBe('This link is no longer valid');
    const third = await enrolments.issue(id);
    server.clock.advance(limits.people.enrolmentSeconds + 1);
    expect(await page(third)).toBe('This link is no longer valid');
  });

  test('PP-06 a young person’s account with a parent’s telephone cannot be opened', async () => {
    const { link } = await invite(server, 'teen', ['Patient/cleo'], { contact: '+1 (555) 0100' });
    const visitor = new Visitor(server.url);
    const seen = await visitor.open(link);
    expect([seen.status, seen.title]).toEqual([409, 'This account cannot be opened yet']);
  });

  test('a changed password ends every other session', async () => {
    const { visitor } = await enrol(server, 'changer', []);
    const other = await atSignIn();
    await signIn(other, 'changer');
    await visitor.open(`${server.url}/auth/account`);
    const fresh = 'quite another set of words';
    const form = { do: 'password', current: password, password: fresh, again: fresh };
    expect((await visitor.submit('account', form)).title).toBe('Your account');
    expect((await other.open(`${server.url}/auth/account`)).title).toBe('Sign in');
    expect((await signIn(await atSignIn(), 'changer')).status).toBe(401);
    expect((await signIn(await atSignIn(), 'changer', fresh)).title).toBe('Your account');
  });
});
