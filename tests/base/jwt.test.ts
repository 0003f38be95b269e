import { describe, expect, test } from '@jest/globals';
import { calculateJwkThumbprint, decodeProtectedHeader, importJWK, jwtVerify, SignJWT } from 'jose';
import {
  type Algorithm,
  importPrivateKey,
  importPublicKey,
  type Jwk,
  keyFits,
  parseJwk,
  parseJwks,
  peekJwt,
  publicJwk,
  signJwt,
  verifyJwt,
} from '../../src/base/jwt.ts';
import { generateKeys, thumbprint } from '../../src/base/keys.ts';

const now = new Date('2026-03-01T12:00:00Z');
const nowSeconds = now.getTime() / 1000;

function keyOf(jwk: Jwk) {
  const key = importPublicKey(jwk);
  if (!key.ok) throw new Error('no key');
  return key.value;
}

function privateOf(jwk: Jwk) {
  const key = importPrivateKey(jwk);
  if (!key.ok) throw new Error('no key');
  return key.value;
}

describe('verifyJwt refuses', () => {
  const claims = { iss: 'a', aud: 'b', exp: nowSeconds + 60 };
  const cases: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ['no exp', { exp: undefined }, {}],
    ['exp at this very second', { exp: nowSeconds }, {}],
    ['nbf beyond the tolerance', { nbf: nowSeconds + 61 }, {}],
    ['nbf as text', { nbf: '1' }, {}],
    ['another issuer', { iss: 'c' }, {}],
    ['another audience', { aud: 'c' }, {}],
    ['a list of audiences', { aud: ['b'] }, {}],
    ['another typ', {}, { typ: 'JWT' }],
    ['a critical header', {}, { crit: ['b64'], b64: true }],
  ];
  test.each(cases)('%s', async (_name, claimChange, headerChange) => {
    const made = await generateKeys('ES384');
    const options = {
      key: keyOf(made.publicJwk),
      algorithms: ['ES384'] as const,
      now,
      skewSeconds: 60,
      issuer: 'a',
      audience: 'b',
      typ: 'at+jwt',
    };
    const all = Object.fromEntries(Object.entries({ ...claims, ...claimChange }).filter(([, v]) => v !== undefined));
    const sign = (body: Record<string, unknown>, header: Record<string, unknown>) =>
      new SignJWT(body).setProtectedHeader({ alg: 'ES384', typ: 'at+jwt', ...header }).sign(privateOf(made.privateJwk));
    expect(verifyJwt(await sign(claims, {}), options).ok).toBe(true);
    const result = verifyJwt(await sign(all, headerChange), options);
    expect(result).toMatchObject({
      ok: false,
      error: { kind: 'unauthorized', issues: [{ text: 'The token is not valid.' }] },
    });
  });

  test('an algorithm that was not named, though key and signature fit', async () => {
    const made = await generateKeys('RS256');
    const token = signJwt(claims, { key: privateOf(made.privateJwk), algorithm: 'RS384', kid: 'k' });
    const key = keyOf(made.publicJwk);
    expect(verifyJwt(token, { key, algorithms: ['RS384'], now }).ok).toBe(true);
    expect(verifyJwt(token, { key, algorithms: ['RS256', 'ES384'], now }).ok).toBe(false);
  });

  test('a changed claim, a cut signature, none', async () => {
    const made = await generateKeys('ES384');
    const key = keyOf(made.publicJwk);
    const token = signJwt(claims, { key: privateOf(made.privateJwk), algorithm: 'ES384', kid: 'k' });
    const [head, , signature] = token.split('.');
    const other = Buffer.from(JSON.stringify({ ...claims, sub: 'x' })).toString('base64url');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const bad of [
      `${head}.${other}.${signature}`,
      token.slice(0, -4),
      `${none}.${other}.`,
      `${head}.${other}.`,
      '',
      'a.b',
      'a.b.c.d',
    ]) {
      expect(verifyJwt(bad, { key, algorithms: ['ES384'], now }).ok).toBe(false);
    }
  });
});

describe('against a second implementation', () => {
  test.each<Algorithm>(['RS256', 'ES384'])(
    '%s: what we sign, it verifies; what it signs, we verify',
    async (algorithm) => {
      const made = await generateKeys(algorithm);
      expect(made.kid).toBe(await calculateJwkThumbprint({ ...made.publicJwk, kty: made.publicJwk.kty }));
      expect(thumbprint(made.publicJwk)).toBe(made.kid);
      const token = signJwt(
        { iat: nowSeconds, exp: nowSeconds + 60, sub: 's' },
        { key: privateOf(made.privateJwk), algorithm, kid: made.kid, typ: 'at+jwt' },
      );
      expect(decodeProtectedHeader(token)).toEqual({ alg: algorithm, kid: made.kid, typ: 'at+jwt' });
      const theirs = await jwtVerify(token, await importJWK({ ...made.publicJwk, kty: made.publicJwk.kty }), {
        currentDate: now,
      });
      expect(theirs.payload).toEqual({ iat: nowSeconds, exp: nowSeconds + 60, sub: 's' });
      const back = await new SignJWT({ sub: 't', exp: nowSeconds + 60 })
        .setProtectedHeader({ alg: algorithm })
        .sign(privateOf(made.privateJwk));
      expect(verifyJwt(back, { key: keyOf(made.publicJwk), algorithms: [algorithm], now })).toMatchObject({
        ok: true,
        value: { sub: 't' },
      });
    },
  );
});

describe('keys and sets', () => {
  test('nothing private is published', async () => {
    for (const algorithm of ['RS256', 'ES384'] as const) {
      const made = await generateKeys(algorithm);
      const shown = Object.keys(publicJwk({ ...made.privateJwk, k: 'secret', oth: [] }));
      expect(shown.filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].includes(name))).toEqual([]);
      expect(made.publicJwk).toEqual(publicJwk(made.privateJwk));
    }
  });

  test('a key fits its algorithm only', () => {
    expect(keyFits({ kty: 'RSA' }, 'RS384')).toBe(true);
    expect(keyFits({ kty: 'EC', crv: 'P-384' }, 'ES384')).toBe(true);
    expect(keyFits({ kty: 'EC', crv: 'P-256' }, 'ES384')).toBe(false);
    expect(keyFits({ kty: 'EC', crv: 'P-384' }, 'RS384')).toBe(false);
    expect(keyFits({ kty: 'RSA', use: 'enc' }, 'RS384')).toBe(false);
    expect(keyFits({ kty: 'RSA', alg: 'RS256' }, 'RS384')).toBe(false);
  });

  test('what is no key or no set is undefined, and unusable keys are an error', () => {
    for (const value of [null, 'RSA', [], {}, { kty: 1 }, { kty: 'RSA', kid: 1 }])
      expect(parseJwk(value)).toBeUndefined();
    for (const value of [null, {}, { keys: {} }, { keys: Array(1000).fill({ kty: 'RSA' }) }])
      expect(parseJwks(value)).toBeUndefined();
    expect(parseJwks({ keys: [{ kty: 'RSA' }, 'junk'] })).toHaveLength(1);
    expect(importPublicKey({ kty: 'RSA' }).ok).toBe(false);
    expect(importPrivateKey({ kty: 'oct', k: 'YQ' }).ok).toBe(false);
  });

  test('peek reads without trusting, and not everything', () => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    expect(peekJwt(`${part({ alg: 'x', kid: 'k' })}.${part({ a: 1 })}.s`)).toEqual({
      header: { alg: 'x', kid: 'k' },
      claims: { a: 1 },
    });
    for (const header of [[], 'x', {}, { alg: 1 }, { alg: 'x', kid: 1 }, { alg: 'x', jku: {} }]) {
      expect(peekJwt(`${part(header)}.${part({})}.s`)).toBeUndefined();
    }
    expect(peekJwt(`${part({ alg: 'x' })}.${part([])}.s`)).toBeUndefined();
    expect(peekJwt(`${'a'.repeat(20_000)}.b.c`)).toBeUndefined();
  });
});
