import { expect, test } from '@jest/globals';
import type { Request } from 'express';
import { namedClient } from '../../src/auth/named-client.ts';
import { createWebOrigins, originsOf } from '../../src/auth/origins.ts';

const part = (text: string) => Buffer.from(text).toString('base64url');

test('SC-021: origins are those of pages and those that were listed; a scheme of an app’s own has none', () => {
  const client = {
    redirectUris: ['https://app.example/callback', 'org.example.app:/callback', 'http://127.0.0.1:3000/x'],
    launchUrls: ['https://launch.example:8443/launch'],
    origins: ['https://more.example', 'not a url'],
  };
  expect([...originsOf(client)]).toEqual([
    'https://app.example',
    'http://127.0.0.1:3000',
    'https://launch.example:8443',
    'https://more.example',
  ]);
});

test.each<[string, Partial<Request['headers']>, unknown, string | undefined]>([
  ['client_id', {}, 'client_id=mine', 'mine'],
  ['client_id twice', {}, 'client_id=mine&client_id=other', undefined],
  ['Basic', { authorization: `Basic ${btoa('a%3Ab:secret')}` }, '', 'a:b'],
  ['Basic without a colon', { authorization: `Basic ${btoa('mine')}` }, 'client_id=mine', undefined],
  ['a bearer', { authorization: 'Bearer x' }, 'token=y', undefined],
  ['an assertion', {}, `client_assertion=${part('{"alg":"none"}')}.${part('{"iss":"mine"}')}.`, 'mine'],
  ['an assertion that is none', {}, 'client_assertion=x.y.z', undefined],
  ['no form', {}, undefined, undefined],
])('SC-021: the client that a request names: %s', (_name, headers, body, expected) => {
  const request = { headers, body, get: (name: string) => headers[name] } as unknown as Request;
  expect(namedClient(request)).toBe(expected);
});

test('SC-021: when the clients cannot be read, no origin may read answers', async () => {
  const list = async () => {
    throw new Error('away');
  };
  const origins = createWebOrigins({ clients: { list } as never, clock: { now: () => new Date() } });
  expect([...(await origins.registered()), ...(await origins.ofClient('mine'))]).toEqual([]);
  await expect(origins.stateCodes('mine')).rejects.toThrow('away');
});
