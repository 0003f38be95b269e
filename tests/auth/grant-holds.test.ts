import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseScopes } from '../../src/access/scopes.ts';
import { createCodes } from '../../src/auth/codes.ts';
import { openPrivacyHouse, type PrivacyHouse } from '../access/support/privacy-house.ts';
import { unwrap } from '../support/house.ts';
import { callback, type GrantChange } from './support/apps.ts';
import { type Answer, postForm } from './support/auth-server.ts';

/** The whole house: what a refresh token is worth when the facts about a child have changed. */
let house: PrivacyHouse;
let app: string;

beforeAll(async () => {
  house = await openPrivacyHouse('2026-11-23T12:00:00-05:00');
  await house.load('turning-twelve', 'custody');
  const registration = { name: 'Diary', type: 'public', redirectUris: [callback] } as const;
  const scopes = 'openid fhirUser offline_access patient/*.rs user/*.rs';
  app = unwrap(await house.auth.addClient({ ...registration, redirectUris: [callback], scopes })).id;
});
afterAll(async () => {
  await house.shut();
});

const tokenUrl = () => `${house.url}/auth/token`;

async function granted(fhirUser: string, patientId: string, change: GrantChange = {}): Promise<Answer> {
  const { scope = 'openid fhirUser offline_access patient/*.rs', ...context } = change;
  const verifier = randomBytes(32).toString('base64url');
  const { store: sql, clock, definitions } = house;
  const code = await createCodes({ sql, clock, standing: { forget() {} }, resourceTypes: definitions.types }).create({
    clientId: app,
    redirectUri: callback,
    codeChallenge: createHash('sha256').update(verifier).digest('base64url'),
    fhirUser,
    patientId,
    scopes: parseScopes(scope, definitions.types),
    ...context,
  });
  const form = { grant_type: 'authorization_code', client_id: app, redirect_uri: callback };
  return postForm(tokenUrl(), { ...form, code, code_verifier: verifier });
}

function refresh(answer: Answer): Promise<Answer> {
  const token = String(answer.body.refresh_token);
  return postForm(tokenUrl(), { grant_type: 'refresh_token', client_id: app, refresh_token: token });
}

const refused = { status: 400, body: { error: 'invalid_grant' } };
const child = 'pv-turning-twelve';
const father = 'RelatedPerson/pv-turning-twelve-father';

describe('SC-104', () => {
  test('PP-04 what a parent was granted ends at the midnight on which the child turns twelve, and may be granted anew', async () => {
    house.at('2026-11-23T23:59:58-05:00');
    const before = await granted(father, child);
    const still = await refresh(before);
    expect(still.status).toBe(200);
    const doctors = await granted('Practitioner/pv-doctor', child);
    house.at('2026-11-24T00:00:00-05:00');
    expect(await refresh(still)).toMatchObject(refused);
    expect((await refresh(doctors)).status).toBe(200);
    const anew = await granted(father, child);
    expect((await refresh(anew)).status).toBe(200);
  });

  test('the proxy consent is over', async () => {
    const tokens = await granted(father, child);
    const consent = await house.as('system', 'GET', `/Consent/${child}-father-proxy`);
    const over = { ...consent.json, status: 'inactive' };
    expect((await house.as('system', 'PUT', `/Consent/${child}-father-proxy`, over)).status).toBe(200);
    expect(await refresh(tokens)).toMatchObject(refused);
    // That the consent comes back does not bring the grant back.
    const back = { ...consent.json, status: 'active' };
    expect((await house.as('system', 'PUT', `/Consent/${child}-father-proxy`, back)).status).toBe(200);
    expect(await refresh(tokens)).toMatchObject(refused);
  });

  test('nobody is granted a child by an app alone: without a right there is no refresh', async () => {
    expect(await refresh(await granted('RelatedPerson/nobody', child))).toMatchObject(refused);
    expect(await refresh(await granted(father, 'pv-custody'))).toMatchObject(refused);
  });
});

describe('SC-075', () => {
  test('an encounter is named to whoever may see it, and to nobody else', async () => {
    house.at('2026-11-23T12:00:00-05:00');
    const context = { encounterId: `${child}-visit`, fhirContext: [{ reference: `Consent/${child}-father-proxy` }] };
    const doctors = await granted('Practitioner/pv-doctor', child, context);
    expect(doctors.body).toMatchObject({ encounter: `${child}-visit`, ...{ fhirContext: context.fhirContext } });
    const fathers = await granted(father, child, context);
    expect(fathers.body.encounter).toBe(`${child}-visit`);
    expect(fathers.body).not.toHaveProperty('fhirContext');
    const strangers = await granted('RelatedPerson/nobody', child, context);
    expect(strangers.body).not.toHaveProperty('encounter');
  });
});
