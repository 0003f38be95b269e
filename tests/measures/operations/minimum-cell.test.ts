import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { r4 } from '../../../src/fhir/types.ts';
import { openTestHouse, type TestHouse } from '../../support/house.ts';

let house: TestHouse;
/** The server's clock is the real one: everybody's age is told from this year. */
const now = new Date().getUTCFullYear();
const wcv = 'http://careweave.org/fhir/Measure/well-child-visits';

beforeAll(async () => {
  house = await openTestHouse();
});
afterAll(() => house?.shut());

test('with a privacy policy that lets no count under 20 be told, a population of 15 is not, and the report says so', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'careweave-policy-')), 'policy.json');
  const shipped = readFileSync(join(import.meta.dirname, '../../../profiles/privacy/default.json'), 'utf8');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(shipped), version: 'twenty', aggregateMinimumCell: 20 }));
  const entry = Array.from({ length: 15 }, (_, n) => ({
    resource: {
      resourceType: 'Patient',
      id: `many-${n}`,
      birthDate: `${now - 9}-02-0${1 + (n % 9)}`,
      gender: 'male',
    },
    request: { method: 'PUT', url: `Patient/many-${n}` },
  }));
  expect((await house.fhir('POST', '', { resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(200);
  const asked = `/Measure/$published-report?measure=${wcv}&periodStart=${now}&periodEnd=${now}`;
  const counts = async () => {
    const { status, json } = await house.fhir('GET', asked);
    expect(status).toBe(200);
    const report = json as r4.MeasureReport;
    const shown = report.group?.flatMap(({ population }) => population?.map(({ count }) => count) ?? []) ?? [];
    return { text: JSON.stringify(report.text), few: shown.filter((n) => n !== undefined && n > 10 && n < 20) };
  };
  const before = await counts();
  expect(before.text).toMatch('Counts from 1 to 10 are not shown');
  expect(before.few.length).toBeGreaterThan(0);
  await house.command('policy', 'load', file);
  house.access.forget();
  const after = await counts();
  expect(after.text).toMatch('Counts from 1 to 19 are not shown');
  expect(after.few).toEqual([]);
});
