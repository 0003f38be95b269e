import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ok } from '../../../src/base/errors.ts';
import { consent, openPrograms, type Programs } from '../program/town.ts';

const file = join(import.meta.dirname, '../../../src/store/migrations/051-consent-end.sql');
const fill = readFileSync(file, 'utf8').replace(/^[\s\S]*?(?=INSERT INTO)/, '');

let at: Programs;
beforeAll(async () => {
  at = await openPrograms();
});
afterAll(() => at.close());

test('S0.5 consents from before the table are in it, but for leaves to share that ended long ago, those without an end, and deleted ones', async () => {
  const child = await at.child();
  const of = (id: string, end: string | undefined, more: object = {}) => ({
    ...consent(child, { provision: { type: 'permit', ...(end !== undefined && { period: { end } }) }, ...more }),
    id,
  });
  const other = { category: [{ text: 'Sharing' }] };
  await at.put(of('care-over', '2020-06-30'), of('care-to-come', '2099-12'), of('care-always', undefined));
  await at.put(of('share-over', '2020-06-30', other), of('share-year', '2099', other), of('share-gone', '2099', other));
  await at.send('DELETE', '/fhir/Consent/share-gone');
  await at.store.transact({ kind: 'system', id: 'test', requestId: 'test' }, async (tx) => {
    await tx.own.query('DELETE FROM consent_end');
    await tx.own.query(fill);
    return ok(undefined);
  });
  const rows = await at.store.query<{ consent_id: string }>('SELECT consent_id FROM consent_end ORDER BY consent_id');
  expect(rows.map(({ consent_id: id }) => id)).toEqual(['care-over', 'care-to-come', 'share-year']);
});
