import { backendToken } from '../../../../scripts/bench/backend-token.ts';
import type { TestHouse } from '../../../support/house.ts';

export interface Answer {
  status: number;
  json: any;
  headers: Headers;
}

/** One who calls the API with a token of its own. */
export interface Caller {
  id: string;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  read(reference: string): Promise<any>;
}

/** A client with a token of its own; with `speaks`, the system of a partner that acts for some organizations. */
export async function caller(
  house: TestHouse,
  name: string,
  { speaks, actsFor = [], scope = 'system/*.cruds' }: { speaks?: string; actsFor?: string[]; scope?: string } = {},
): Promise<Caller> {
  const client = await house.command('client', 'add', '--name', name, '--scopes', scope);
  const { client_id: id } = JSON.parse(client) as { client_id: string };
  if (speaks !== undefined) {
    const acts = actsFor.flatMap((one) => ['--acts-for', one]);
    await house.command('referral', 'partner', 'set', id, '--dialect', speaks, ...acts);
  }
  return callerWith(house.url, id, await backendToken(house.url, client, scope));
}

export function callerWith(url: string, id: string, token: string): Caller {
  const send: Caller['send'] = async (method, path, body, headers = {}) => {
    const type = method === 'PATCH' ? 'application/json-patch+json' : 'application/fhir+json';
    const answer = await fetch(`${url}/fhir${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'Content-Type': type }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, json: text === '' ? undefined : JSON.parse(text), headers: answer.headers };
  };
  return {
    id,
    send,
    read: async (reference) => {
      const { status, json } = await send('GET', `/${reference}`);
      if (status !== 200) throw new Error(`${reference}: ${status}`);
      return json;
    },
  };
}

/** What a refusal says. */
export const textOf = ({ json }: Answer): string =>
  json?.issue?.[0]?.diagnostics ?? json?.issue?.[0]?.details?.text ?? '';
