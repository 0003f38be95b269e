import { describe, expect, test } from '@jest/globals';
import type { Principal } from '../../src/access/types.ts';
import { createPageLinks } from '../../src/http/page-links.ts';

const caller = (change: Partial<Principal> = {}): Principal => ({
  kind: 'client',
  id: 'a',
  clientId: 'a',
  scopes: [],
  ...change,
});
const place = { type: 'Patient', query: [['name', 'Invented']], cursor: 'c' } as const;
let now = new Date('2026-11-15T00:00:00Z');
const links = createPageLinks(Buffer.alloc(32, 1), { now: () => now });

describe('a page link (TH-43)', () => {
  test.each<[string, Partial<Principal>]>([
    ['another client', { clientId: 'b' }],
    ['another user of the client', { id: 'Practitioner/b' }],
    ['the same user with another child', { patientId: 'other' }],
  ])('does not open for %s', (_name, change) => {
    const token = links.seal(place, caller());
    expect(links.open(token, caller(change))).toMatchObject({ ok: false, error: { kind: 'invalid' } });
  });
  test('does not open when a bit of it was changed, or with another key', () => {
    const bytes = Buffer.from(links.seal(place, caller()), 'base64url');
    for (const index of [0, 13, bytes.length - 1]) {
      const forged = Buffer.from(bytes);
      forged.writeUInt8(forged.readUInt8(index) ^ 1, index);
      expect(links.open(forged.toString('base64url'), caller()).ok).toBe(false);
    }
    const other = createPageLinks(Buffer.alloc(32, 2), { now: () => now });
    expect(other.open(bytes.toString('base64url'), caller()).ok).toBe(false);
    expect(links.open('', caller()).ok).toBe(false);
  });
  test('shows nothing of the search and opens for its caller, until it expires', () => {
    const token = links.seal(place, caller());
    expect(Buffer.from(token, 'base64url').toString('latin1')).not.toContain('Invented');
    expect(links.open(token, caller())).toEqual({ ok: true, value: place });
    now = new Date(now.getTime() + 3_601_000);
    expect(links.open(token, caller())).toMatchObject({ ok: false, error: { kind: 'gone' } });
  });
});
