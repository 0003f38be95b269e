import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createSessions } from '../../src/auth/sessions.ts';
import type { Granted } from '../../src/auth/types.ts';
import { limits } from '../../src/base/limits.ts';
import { addApp, addSymmetricApp, newCode, newTokens, opens, redeem, refresh } from './support/apps.ts';
import {
  type AuthServer,
  assertion,
  assertionType,
  postForm,
  startAuthServer,
  testKey,
} from './support/auth-server.ts';

let server: AuthServer;
let app: string;
/** What the access room answers about a grant. */
let stillHolds: (grant: Granted) => boolean = () => true;

beforeAll(async () => {
  server = await startAuthServer(undefined, { stillHolds: async (grant) => stillHolds(grant) });
  app = await addApp(server);
});
afterEach(() => {
  stillHolds = () => true;
});
afterAll(async () => {
  await server.close();
});

const refused = { status: 400, body: { error: 'invalid_grant', error_description: 'The refresh token is not valid.' } };

describe('refused', () => {
  test('SC-103 random, empty, of another client, an access token, an id_token: one answer', async () => {
    const tokens = await newTokens(server, app);
    const other = await addApp(server);
    expect(await refresh(server, app, 'x'.repeat(43))).toMatchObject(refused);
    expect(await refresh(server, other, tokens.refresh_token)).toMatchObject(refused);
    expect(await refresh(server, app, tokens.access_token)).toMatchObject(refused);
    expect(await refresh(server, app, String(tokens.id_token))).toMatchObject(refused);
    expect((await refresh(server, app, '')).body.error).toBe('invalid_request');
    // TH-11: that it came from another client has not spent it.
    expect((await refresh(server, app, tokens.refresh_token)).status).toBe(200);
  });

  test('SC-103 expired: after four months in which nobody used it', async () => {
    const { refresh_token } = await newTokens(server, app);
    server.clock.advance(limits.auth.refreshSeconds + 1);
    expect(await refresh(server, app, refresh_token)).toMatchObject(refused);
  });

  test('TH-09 a refresh token is no access token, and no refresh token is given without its scope', async () => {
    const tokens = await newTokens(server, app);
    expect(await opens(server, tokens.refresh_token)).toBe(false);
    expect((await newTokens(server, app, { scope: 'patient/*.rs' })).refresh_token).toBe('undefined');
  });

  test('SC-102 a spent refresh token revokes the family', async () => {
    const first = await newTokens(server, app);
    const second = (await refresh(server, app, first.refresh_token)).body;
    expect(await opens(server, second.access_token)).toBe(true);
    expect(await refresh(server, app, first.refresh_token)).toMatchObject(refused);
    expect(await refresh(server, app, String(second.refresh_token))).toMatchObject(refused);
    expect(await opens(server, second.access_token)).toBe(false);
    expect(await opens(server, first.access_token)).toBe(false);
  });

  test('SC-102 TH-11 a thief who was faster is found out when the app comes', async () => {
    const stolen = await newTokens(server, app);
    let thief = stolen.refresh_token;
    for (const _ of [1, 2, 3]) thief = String((await refresh(server, app, thief)).body.refresh_token);
    server.clock.advance(3600);
    expect(await refresh(server, app, stolen.refresh_token)).toMatchObject(refused);
    expect(await refresh(server, app, thief)).toMatchObject(refused);
  });

  test('SC-101 more than was granted: another type, more letters, another level, a word that is no scope', async () => {
    const { refresh_token } = await newTokens(server, app, {
      scope: 'offline_access patient/Observation.rs patient/Goal.r',
    });
    for (const scope of [
      'patient/Observation.rs patient/Patient.rs',
      'patient/Observation.cruds',
      'patient/Goal.rs',
      'patient/*.rs',
      'user/Observation.rs',
      'openid',
      'patient/Observation.rs banana',
    ]) {
      expect((await refresh(server, app, refresh_token, { scope })).body.error).toBe('invalid_scope');
    }
    // None of it has spent the token.
    expect((await refresh(server, app, refresh_token)).status).toBe(200);
  });

  test('SC-104 the relation to the child has ended: the grant ends with everything that came of it', async () => {
    const tokens = await newTokens(server, app, { patientId: 'child-9' });
    stillHolds = (grant) => grant.patientId !== 'child-9';
    expect(await refresh(server, app, tokens.refresh_token)).toMatchObject(refused);
    expect(await opens(server, tokens.access_token)).toBe(false);
    stillHolds = () => true;
    expect(await refresh(server, app, tokens.refresh_token)).toMatchObject(refused);
  });

  test('SC-104 SC-076 TH-11 the person’s account was closed: neither refresh nor access token is good', async () => {
    const fhirUser = 'RelatedPerson/closed';
    const tokens = await newTokens(server, app, { fhirUser });
    expect(await opens(server, tokens.access_token)).toBe(true);
    await server.sql.query(
      `WITH made AS (INSERT INTO auth_account (id, username, active, created_at) VALUES (gen_random_uuid(), $1, false, now()) RETURNING id)
       INSERT INTO auth_account_link (fhir_user, account_id) SELECT $1, id FROM made`,
      [fhirUser],
    );
    server.clock.advance(3);
    expect(await opens(server, tokens.access_token)).toBe(false);
    expect(await refresh(server, app, tokens.refresh_token)).toMatchObject(refused);
  });

  test('SC-104 an app that is no longer active, and one that may hold less than it was granted', async () => {
    const own = await addApp(server, { id: 'shrinking' });
    const { refresh_token } = await newTokens(server, own, {
      scope: 'offline_access patient/Observation.rs patient/Goal.rs',
    });
    await server.sql.query(`UPDATE auth_client SET scopes = 'offline_access patient/Goal.rs' WHERE id = $1`, [own]);
    const less = await refresh(server, own, refresh_token);
    expect(less.body.scope).toBe('offline_access patient/Goal.rs');
    await server.auth.clients.deactivate(own);
    expect((await refresh(server, own, String(less.body.refresh_token))).body.error).toBe('invalid_client');
  });

  test('SC-130 a client with a secret or keys that does not authenticate, and one that does', async () => {
    const { id, secret } = await addSymmetricApp(server);
    const tokens = await newTokens(server, id, {}, { client_secret: secret });
    expect((await refresh(server, id, tokens.refresh_token)).status).toBe(401);
    expect((await refresh(server, id, tokens.refresh_token, { client_secret: secret })).status).toBe(200);
    const key = await testKey('ES384');
    const keyed = await addApp(server, { type: 'asymmetric', jwks: { keys: [key.publicJwk] } });
    const proof = async () => ({
      client_assertion: await assertion(server, keyed, key),
      client_assertion_type: assertionType,
    });
    const own = await newTokens(server, keyed, {}, await proof());
    expect((await refresh(server, keyed, own.refresh_token)).status).toBe(401);
    expect((await refresh(server, keyed, own.refresh_token, await proof())).status).toBe(200);
  });
});

describe('given', () => {
  test('SC-101 without scope and with the same: everything again, stored by nobody', async () => {
    const scope = 'openid fhirUser offline_access patient/*.rs';
    const first = await newTokens(server, app, { scope });
    const second = await refresh(server, app, first.refresh_token);
    const third = await refresh(server, app, String(second.body.refresh_token), { scope });
    for (const { status, headers, body } of [second, third]) {
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('pragma')).toBe('no-cache');
      expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope, patient: 'child-1' });
      expect(await opens(server, body.access_token)).toBe(true);
    }
    const seen = [first, second.body, third.body].map((body) => body.refresh_token);
    expect(new Set(seen).size).toBe(3);
  });

  test('SC-101 less than was granted is for this access token only; the next may have all of it', async () => {
    const { refresh_token } = await newTokens(server, app, { scope: 'offline_access patient/*.rs' });
    const narrow = await refresh(server, app, refresh_token, { scope: 'patient/Observation.r' });
    expect(narrow.body.scope).toBe('patient/Observation.r');
    const principal = await server.auth.verifyBearer(`Bearer ${String(narrow.body.access_token)}`);
    expect(principal.ok && principal.value.scopes.map(({ type }) => type)).toEqual(['Observation']);
    const whole = await refresh(server, app, String(narrow.body.refresh_token));
    expect(whole.body.scope).toBe('offline_access patient/*.rs');
  });

  test('SC-102 for three months without a use, and for years with one now and then', async () => {
    let { refresh_token } = await newTokens(server, app);
    for (const _ of [1, 2, 3, 4, 5]) {
      server.clock.advance(92 * 24 * 3600);
      const answer = await refresh(server, app, refresh_token);
      expect(answer.status).toBe(200);
      refresh_token = String(answer.body.refresh_token);
    }
  });

  test('SC-100 online_access ends with the session, and the access token with it', async () => {
    const { session } = await createSessions(server).start({ fhirUser: 'Practitioner/doctor-1', siteId: 'north' });
    const scope = 'online_access user/*.rs';
    const tokens = await newTokens(server, app, {
      scope,
      sessionHash: session.hash,
      fhirUser: 'Practitioner/doctor-1',
    });
    const next = await refresh(server, app, tokens.refresh_token);
    expect(next.status).toBe(200);
    await server.sql.query('DELETE FROM auth_session WHERE id_hash = $1', [session.hash]);
    server.clock.advance(3);
    expect(await opens(server, next.body.access_token)).toBe(false);
    expect(await refresh(server, app, String(next.body.refresh_token))).toMatchObject(refused);
  });

  test('SC-100 offline_access does not end with the session', async () => {
    const { session } = await createSessions(server).start({ fhirUser: 'Practitioner/doctor-1', siteId: 'north' });
    const tokens = await newTokens(server, app, { sessionHash: session.hash });
    await server.sql.query('DELETE FROM auth_session WHERE id_hash = $1', [session.hash]);
    expect((await refresh(server, app, tokens.refresh_token)).status).toBe(200);
  });

  test('no refresh token is stored as itself', async () => {
    const first = await newTokens(server, app);
    const second = (await refresh(server, app, first.refresh_token)).body;
    const rows = JSON.stringify(await server.sql.query('SELECT to_jsonb(t)::text AS text FROM auth_refresh_token t'));
    expect(rows).not.toContain(first.refresh_token);
    expect(rows).not.toContain(String(second.refresh_token));
    expect(rows).not.toContain(Buffer.from(first.refresh_token).toString('hex'));
  });
});

describe('sixteen at once: one wins', () => {
  const sixteen = <T>(make: () => Promise<T>) => Promise.all(Array.from({ length: 16 }, make));

  test('SC-102 one refresh token', async () => {
    const { refresh_token } = await newTokens(server, app);
    const answers = await sixteen(() => refresh(server, app, refresh_token));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(15);
  });

  test('SC-102 one refresh token, many times over', async () => {
    for (const _ of Array.from({ length: 10 })) {
      const { refresh_token } = await newTokens(server, app);
      const answers = await sixteen(() => refresh(server, app, refresh_token));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    }
  });

  test('SC-037 TH-06 one code; that it came again ends what it gave', async () => {
    const grant = await newCode(server, app);
    const answers = await sixteen(() => redeem(server, app, grant));
    const given = answers.filter(({ status }) => status === 200);
    expect([given.length, answers.filter(({ body }) => body.error === 'invalid_grant').length]).toEqual([1, 15]);
    expect(await opens(server, given[0]?.body.access_token)).toBe(false);
    expect(await refresh(server, app, String(given[0]?.body.refresh_token))).toMatchObject(refused);
  });

  test('SC-131 TH-08 one assertion', async () => {
    const key = await testKey('ES384');
    const id = await addApp(server, { type: 'asymmetric', jwks: { keys: [key.publicJwk] }, scopes: 'system/*.rs' });
    const proof = await assertion(server, id, key);
    const form = { grant_type: 'client_credentials', scope: 'system/Patient.rs' };
    const answers = await sixteen(() =>
      postForm(server.tokenUrl, { ...form, client_assertion: proof, client_assertion_type: assertionType }),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(15);
  });
});

describe('SC-102 a network that lost the answer, where the site bears retries', () => {
  let patient: AuthServer;
  let own: string;

  beforeAll(async () => {
    patient = await startAuthServer(undefined, { refreshGraceSeconds: 10 });
    own = await addApp(patient);
  });
  afterAll(async () => {
    await patient.close();
  });

  test('is told the same successor again, and no second chain begins', async () => {
    const { refresh_token } = await newTokens(patient, own);
    const first = await refresh(patient, own, refresh_token);
    patient.clock.advance(5);
    const again = await refresh(patient, own, refresh_token);
    expect(again.body.refresh_token).toBe(first.body.refresh_token);
    const answers = await Promise.all(Array.from({ length: 16 }, () => refresh(patient, own, refresh_token)));
    expect(new Set(answers.map(({ body }) => body.refresh_token))).toEqual(new Set([first.body.refresh_token]));
    expect((await refresh(patient, own, String(again.body.refresh_token))).status).toBe(200);
  });

  test('not after the time, not once the successor was used, not by another client: all as if there were no such time', async () => {
    const late = await newTokens(patient, own);
    await refresh(patient, own, late.refresh_token);
    patient.clock.advance(11);
    expect(await refresh(patient, own, late.refresh_token)).toMatchObject(refused);
    expect(await opens(patient, late.access_token)).toBe(false);

    const used = await newTokens(patient, own);
    const next = await refresh(patient, own, used.refresh_token);
    const last = await refresh(patient, own, String(next.body.refresh_token));
    expect(await refresh(patient, own, used.refresh_token)).toMatchObject(refused);
    expect(await opens(patient, last.body.access_token)).toBe(false);

    const foreign = await newTokens(patient, own);
    await refresh(patient, own, foreign.refresh_token);
    expect(await refresh(patient, await addApp(patient), foreign.refresh_token)).toMatchObject(refused);
  });
});
