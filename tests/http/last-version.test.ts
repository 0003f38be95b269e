import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { scopeTypes } from '../../src/access/scope-filter.ts';
import { parseScopes } from '../../src/access/scopes.ts';
import { ok } from '../../src/base/errors.ts';
import type { Resource } from '../../src/fhir/types.ts';
import type { WriteConclusion } from '../../src/store/types.ts';
import { startHttp, type TestHttp } from '../support/http.ts';

/** What the house adds to a record within the same transaction is answered, and only to who may read it. */
const system = 'http://terminology.hl7.org/CodeSystem/observation-category';
const category = (code: string) => [{ coding: [{ system, code }] }];
const observation = (text: string, more: object = {}) => ({
  ...{ resourceType: 'Observation', status: 'final', code: { text }, category: category('laboratory') },
  ...more,
});
/** A rule that adds a note; where the words ask for it, one that makes it something else as well. */
const adds: WriteConclusion = {
  name: 'adds',
  async conclude(changes, tx) {
    for (const { type, after } of changes) {
      if (type !== 'Observation' || !after) continue;
      const isMoved = JSON.stringify(after.code).includes('moves');
      const moved = isMoved ? { category: category('social-history') } : {};
      const added: Resource = { ...after, note: [{ text: 'Added by the house.' }], ...moved };
      const written = await tx.update(added);
      if (!written.ok) return written;
    }
    return ok(undefined);
  },
};

let at: TestHttp;
beforeAll(async () => {
  at = await startHttp(
    {
      verifyBearer: async (header) => {
        const scope = `system/Observation.${header === 'Bearer writer' ? 'cu' : 'crus'}?category=${system}|laboratory`;
        const id = 'laboratory';
        return ok({
          kind: 'client',
          id,
          clientId: id,
          scopes: parseScopes(scope, scopeTypes(at.definitions)).resource,
        });
      },
    },
    { conclusions: [adds] },
  );
});
afterAll(() => at.close());

const inTransaction = (resource: object) => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [{ resource, request: { method: 'POST', url: 'Observation' } }],
});
const whole = { Prefer: 'return=representation' };

test('the answer is the last version of the transaction, with its ETag and address', async () => {
  const made = await at.send('POST', '/fhir/Observation', { body: observation('Iron'), headers: whole });
  expect([made.status, made.headers.get('etag')]).toEqual([201, 'W/"2"']);
  expect(made.headers.get('location')).toMatch(/_history\/2$/);
  expect(made.json).toMatchObject({ meta: { versionId: '2' }, note: [{ text: 'Added by the house.' }] });
  const { json } = await at.send('POST', '/fhir', { body: inTransaction(observation('Iron')), headers: whole });
  expect(json.entry[0]).toMatchObject({ response: { etag: 'W/"2"' }, resource: { meta: { versionId: '2' } } });
});

test('who may not read what became of it is told that it was written, and nothing of it', async () => {
  const body = observation('It moves');
  for (const sent of [
    await at.send('POST', '/fhir/Observation', { body, headers: whole }),
    await at.send('POST', '/fhir/Observation', { as: 'writer', body: observation('Iron'), headers: whole }),
  ]) {
    expect([sent.status, sent.headers.get('etag')]).toEqual([201, 'W/"2"']);
    expect(sent.text).not.toMatch(/Added by the house|social-history|laboratory/);
  }
  const { text, json } = await at.send('POST', '/fhir', { body: inTransaction(body), headers: whole });
  expect(json.entry[0].response.etag).toBe('W/"2"');
  expect(text).not.toMatch(/Added by the house|social-history|laboratory/);
});
