import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { parseScopes } from '../../src/access/scopes.ts';
import { createCodes } from '../../src/auth/codes.ts';
import { ok } from '../../src/base/errors.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { personas } from '../access/support/privacy-house.ts';
import { testActor } from '../support/database.ts';
import { openTestHouse, type TestHouse, unwrap } from '../support/house.ts';
import { callback } from './support/apps.ts';
import { type Answer, postForm } from './support/auth-server.ts';

/** The whole house with its own tokens: what a token response names can be read with the token it came with. */
let house: TestHouse;
let app: string;
const child = 'pv-turning-twelve';
const father = `RelatedPerson/${child}-father`;

beforeAll(async () => {
  house = await openTestHouse({ clock: { now: () => new Date('2026-11-23T12:00:00-05:00') } });
  for (const file of ['clinic.json', join(child.slice(3), 'bundle.json')]) {
    const bundle: { entry: { resource: Resource }[] } = JSON.parse(readFileSync(join(personas, file), 'utf8'));
    const loaded = await house.store.transact(testActor, async (tx) => {
      for (const { resource } of bundle.entry) {
        const written = await tx.update(resource);
        if (!written.ok) return written;
      }
      return ok(undefined);
    });
    unwrap(loaded);
  }
  const registration = {
    name: 'Diary',
    type: 'public',
    scopes: 'openid fhirUser offline_access patient/*.rs',
  } as const;
  app = unwrap(await house.auth.addClient({ ...registration, redirectUris: [callback] })).id;
});
afterAll(async () => {
  await house.shut();
});

async function tokens(scope: string): Promise<Answer['body']> {
  const verifier = randomBytes(32).toString('base64url');
  const { store: sql, clock, definitions } = house;
  const code = await createCodes({ sql, clock, standing: { forget() {} }, resourceTypes: definitions.types }).create({
    clientId: app,
    redirectUri: callback,
    codeChallenge: createHash('sha256').update(verifier).digest('base64url'),
    fhirUser: father,
    patientId: child,
    encounterId: `${child}-visit`,
    scopes: parseScopes(scope, definitions.types),
  });
  const form = { grant_type: 'authorization_code', client_id: app, redirect_uri: callback };
  const answer = await postForm(`${house.url}/auth/token`, { ...form, code, code_verifier: verifier });
  expect(answer.status).toBe(200);
  return answer.body;
}

async function read(url: string, token: unknown) {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${String(token)}` } });
  return { status: answer.status, id: JSON.parse(await answer.text()).id };
}

test('SC-072 patient and encounter are bare ids, and their records are read with the same token', async () => {
  const { patient, encounter, access_token } = await tokens('patient/*.rs');
  expect([patient, encounter]).toEqual([child, `${child}-visit`]);
  expect(await read(`${house.url}/fhir/Patient/${String(patient)}`, access_token)).toEqual({ status: 200, id: child });
  const visit = await read(`${house.url}/fhir/Encounter/${String(encounter)}`, access_token);
  expect(visit).toEqual({ status: 200, id: `${child}-visit` });
});

test('SC-091 fhirUser is read with the same token, though no scope names its type', async () => {
  const { id_token, access_token } = await tokens('openid fhirUser patient/Observation.rs');
  const { fhirUser } = decodeJwt(String(id_token));
  expect(fhirUser).toBe(`${house.url}/fhir/${father}`);
  expect(await read(String(fhirUser), access_token)).toEqual({ status: 200, id: `${child}-father` });
  expect((await read(`${house.url}/fhir/Patient/${child}`, access_token)).status).toBe(403);
});

test('TH-09 what a person was granted for one child opens no other', async () => {
  const { access_token } = await tokens('patient/*.rs');
  expect((await read(`${house.url}/fhir/Patient/somebody`, access_token)).status).toBe(404);
});
