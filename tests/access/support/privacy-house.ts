import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { addRole } from '../../../src/access/policy/roles.ts';
import { parseScopes } from '../../../src/access/scopes.ts';
import type { House } from '../../../src/app.ts';
import { fail, ok } from '../../../src/base/errors.ts';
import { openTestHouse, type TestHouse, unwrap } from '../../support/house.ts';

/** What a person gets from the server: everything but the token is the real thing. */
export interface PrivacyAnswer {
  status: number;
  headers: Headers;
  text: string;
  json: any;
}

export interface PrivacyHouse extends TestHouse {
  /** Asks as a person (`RelatedPerson/…`) with scopes for everything, as `system`, or as one client (`client/…`). */
  as(
    who: string,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<PrivacyAnswer>;
  /** Moves the clock of the house. */
  at(instant: string): void;
  /** Loads the clinic and personas, and gives the roles their viewers have. */
  load(...personas: string[]): Promise<void>;
}

export interface Moment {
  at: string;
  viewers: { fhirUser: string; class: string; roles?: string[] }[];
  sees: Record<string, string[]>;
}

export const personas = join(import.meta.dirname, '../../../fixtures/privacy');

export function personaNames(): string[] {
  return readdirSync(personas).filter((name) => statSync(join(personas, name)).isDirectory());
}

export function whoSeesWhat(persona: string): { moments: Moment[] } {
  return JSON.parse(readFileSync(join(personas, persona, 'who-sees-what.json'), 'utf8'));
}

/** A house whose bearer tokens are the names of who asks, and whose clock can be moved. */
export async function openPrivacyHouse(
  start = '2026-11-23T12:00:00-05:00',
  /** What is put in the place of some room besides. */
  dress: (house: House) => House = (house) => house,
): Promise<PrivacyHouse> {
  let now = new Date(start);
  const clock = { now: () => new Date(now) };
  const house = await openTestHouse({ clock, dress: (house) => dress(withNamedTokens(house)) });
  const as: PrivacyHouse['as'] = async (who, method, path, body, headers = {}) => {
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const type: Record<string, string> = text === undefined ? {} : { 'Content-Type': 'application/fhir+json' };
    const sent = { Authorization: `Bearer ${who.replaceAll('/', '~')}`, ...type, ...headers };
    const answer = await fetch(`${house.url}/fhir${path}`, { method, headers: sent, body: text });
    const received = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      text: received,
      json: received === '' ? undefined : JSON.parse(received),
    };
  };
  const load = async (...names: string[]) => {
    for (const file of ['clinic.json', ...names.map((name) => join(name, 'bundle.json'))]) {
      const loaded = await as('system', 'POST', '', readFileSync(join(personas, file), 'utf8'));
      if (loaded.status !== 200) throw new Error(`${file}: ${loaded.text}`);
    }
    for (const { viewers } of names.flatMap((name) => whoSeesWhat(name).moments))
      for (const { fhirUser, roles = [] } of viewers)
        for (const role of roles) unwrap(await addRole(house.store, fhirUser, role));
    house.access.forget();
  };
  const at = (instant: string) => {
    now = new Date(instant);
  };
  return { ...house, as, at, load };
}

function withNamedTokens(house: House): House {
  const { types } = house.definitions;
  const scopes = (text: string) => parseScopes(text, types).resource;
  const verifyBearer: House['auth']['verifyBearer'] = async (header) => {
    const who = (header ?? '').replace(/^Bearer /, '').replaceAll('~', '/');
    if (who === '') return fail('unauthorized', 'no');
    // A real one, of a client that was registered.
    if (who.includes('.')) return house.auth.verifyBearer(header);
    if (who === 'system') return ok({ kind: 'client', id: 'test', clientId: 'test', scopes: scopes('system/*.cruds') });
    if (who.startsWith('client/')) {
      const id = who.slice('client/'.length);
      return ok({ kind: 'client', id, clientId: id, scopes: scopes('system/*.cruds system/AuditEvent.rs') });
    }
    return ok({ kind: 'user', id: who, clientId: 'app', fhirUser: who, scopes: scopes('user/*.cruds') });
  };
  return { ...house, auth: { ...house.auth, verifyBearer } };
}
