import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import type { Resource } from '../../src/fhir/types.ts';
import type { Hospital } from '../../src/sandbox/hospital.ts';
import { listenSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';

export const appUrl = 'http://127.0.0.1:65000';

const child = (given: string, record: string, id: string): Resource[] => [
  {
    resourceType: 'Patient',
    id,
    identifier: [{ system: 'urn:lakeside:mrn', value: record }],
    name: [{ use: 'official', family: 'Testwell', given: [given] }],
    gender: 'female',
    birthDate: '2020-03-01',
  },
  {
    resourceType: 'CarePlan',
    id: `${id}-plan`,
    status: 'active',
    intent: 'plan',
    title: `Asthma plan of ${given}`,
    category: [{ coding: [{ system: 'http://snomed.info/sct', code: '736353004' }] }],
    subject: { reference: `Patient/${id}` },
  },
  {
    resourceType: 'Condition',
    id: `${id}-asthma`,
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
    code: { coding: [{ system: 'http://snomed.info/sct', code: '195967001', display: 'Asthma' }] },
    subject: { reference: `Patient/${id}` },
  },
];

const weight = (id: string, month: number): string =>
  `{"resourceType":"Observation","id":"${id}-weight-${month}","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/${id}"},"effectiveDateTime":"2026-${String(month).padStart(2, '0')}-01","valueQuantity":{"value":12.50,"unit":"kg"}}`;

/** JSON text of a hospital's bundle: two children; the first has six weights written 12.50. */
export const bundleText = (() => {
  const people = [...child('Ada', 'A1', 'ada'), ...child('Bo', 'B2', 'bo')].map((one) => JSON.stringify(one));
  const doctor =
    '{"resourceType":"Practitioner","id":"doc","identifier":[{"system":"urn:npi","value":"1"}],"name":[{"family":"Invented","given":["Iris"]}]}';
  const weights = [1, 2, 3, 4, 5, 6].map((month) => weight('ada', month));
  const entries = [doctor, ...people, ...weights].map(
    (resource, index) =>
      `{"fullUrl":"urn:uuid:0000000${index}","resource":${resource},"request":{"method":"POST","url":"x"}}`,
  );
  return `{"resourceType":"Bundle","type":"transaction","entry":[${entries.join(',')}]}`;
})();

export interface Keys {
  jwk: object;
  sign(claims: JWTPayload, header?: Record<string, unknown>): Promise<string>;
}

/** A client's key pair, made and used by an independent implementation. */
export async function clientKeys(
  algorithm: 'ES384' | 'RS384' | 'RS256' = 'ES384',
  kid: string = randomUUID(),
): Promise<Keys> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return {
    jwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' },
    sign: (claims, header = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg: algorithm, kid, typ: 'JWT', ...header }).sign(privateKey),
  };
}

export function assertionClaims(hospital: Hospital): JWTPayload {
  const exp = Math.floor(Date.now() / 1000) + 240;
  return { iss: 'backend', sub: 'backend', aud: `${hospital.root}/oauth/token`, jti: randomUUID(), exp };
}

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export interface Town {
  sandbox: Sandbox & { url: string };
  vendor: Hospital;
  open: Hospital;
  keys: Keys;
  /** An access token for the backend client. */
  token(hospital: Hospital, scope?: string): Promise<string>;
  ask(
    hospital: Hospital,
    path: string,
    init?: RequestInit & { scope?: string },
  ): Promise<{ status: number; headers: Headers; text: string; body: Resource }>;
}

/** Two hospitals over real HTTP, one of each personality, with a backend client and a public app. */
export async function startTown(
  bundle: Resource,
  extra: { stateDir?: string; cdsServices?: string[]; keys?: Keys } = {},
): Promise<Town> {
  const keys = extra.keys ?? (await clientKeys());
  const launchable = { launchUrl: `${appUrl}/launch`, redirectUris: [`${appUrl}/callback`] };
  const sandbox = await listenSandbox({
    port: 0,
    hospitals: [
      { id: 'lakeside', bundles: [bundle] },
      { id: 'summit', personality: 'open', bundles: [bundle] },
    ],
    clients: [
      { id: 'backend', name: 'Backend', jwks: { keys: [keys.jwk] }, scopes: 'system/*.cruds', redirectUris: [] },
      { id: 'app', name: 'Plan viewer', scopes: 'launch openid fhirUser patient/*.rs', ...launchable },
    ],
    ...extra,
  });
  const [vendor, open] = sandbox.hospitals;
  if (!vendor || !open) throw new Error('two hospitals were asked for');
  const token = async (hospital: Hospital, scope = 'system/*.cruds') => {
    const client_assertion = await keys.sign(assertionClaims(hospital));
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      scope,
      client_assertion_type: assertionType,
      client_assertion,
    });
    const answer = await fetch(`${hospital.root}/oauth/token`, { method: 'POST', body });
    const { access_token } = (await answer.json()) as { access_token?: string };
    if (!access_token) throw new Error(`no token: ${answer.status}`);
    return access_token;
  };
  const tokens = new Map<string, string>();
  const ask: Town['ask'] = async (hospital, path, { scope = 'system/*.cruds', ...init } = {}) => {
    const key = `${hospital.id} ${scope}`;
    const held = tokens.get(key) ?? (await token(hospital, scope));
    tokens.set(key, held);
    const url = path.startsWith('http') ? path : `${hospital.base}/${path}`;
    const answer = await fetch(url, { ...init, headers: { authorization: `Bearer ${held}`, ...init.headers } });
    const text = await answer.text();
    const body = (text.startsWith('{') ? JSON.parse(text) : { resourceType: '' }) as Resource;
    return { status: answer.status, headers: answer.headers, text, body };
  };
  return { sandbox, vendor, open, keys, token, ask };
}

interface Entry {
  resource: Resource;
  search: { mode: string };
}

export function entries(bundle: Resource, mode = 'match'): Resource[] {
  const all = (bundle.entry ?? []) as Entry[];
  return all.filter((entry) => entry.search.mode === mode).map((entry) => entry.resource);
}

export function issueCode(body: Resource): string | undefined {
  return (body.issue as { code?: string }[] | undefined)?.[0]?.code;
}

/** The hospital's id of a child. */
export async function childId(town: Town, hospital: Hospital, record: string): Promise<string> {
  const { body } = await town.ask(hospital, `Patient?identifier=urn:lakeside:mrn|${record}`);
  return String(entries(body)[0]?.id);
}
