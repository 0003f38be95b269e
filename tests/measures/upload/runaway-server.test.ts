import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource, r4 } from '../../../src/fhir/types.ts';
import { openTestHouse, type TestHouse } from '../../support/house.ts';
import { cqlOf, library, measure, transaction } from './bundle.ts';
import { endless } from './endless.ts';

const populations = { 'initial-population': 'All', denominator: 'All', numerator: 'Multiplied' };
const boy: Resource = { resourceType: 'Patient', id: 'boy', birthDate: '2020-05-01', gender: 'male' };
const girl: Resource = { resourceType: 'Patient', id: 'girl', birthDate: '2020-05-01', gender: 'female' };

describe('a server with a measure that never ends', () => {
  let house: TestHouse;
  beforeAll(async () => {
    house = await openTestHouse();
    for (const child of [boy, girl]) await house.fhir('PUT', `/Patient/${child.id}`, child);
    const posted = transaction(library('Endless', { cql: cqlOf('Endless', endless) }), {
      ...measure('Endless', 'proportion', populations),
    });
    const answer = await house.fhir('POST', '', posted);
    if (answer.status !== 200) throw new Error(answer.text);
  }, 60_000);
  afterAll(() => house?.shut());

  const url = encodeURIComponent('http://example.org/Measure/Endless');
  const evaluate = (subject: string) =>
    house.fhir(
      'GET',
      `/Measure/$evaluate-measure?measure=${url}&periodStart=2025&periodEnd=2025&reportType=subject&subject=Patient/${subject}`,
    );

  test('goes on answering while the measure is evaluated, and says then that it was stopped', async () => {
    const order: string[] = [];
    const asked = evaluate('boy').then((answer) => {
      order.push('evaluated');
      return answer;
    });
    for (let n = 0; n < 5; n += 1) {
      const { status } = await house.fhir('GET', '/Patient/girl');
      order.push(`read ${status}`);
    }
    const { status, json } = await asked;
    expect(order).toEqual([...Array.from({ length: 5 }, () => 'read 200'), 'evaluated']);
    expect(status).toBe(422);
    const [issue] = (json as r4.OperationOutcome).issue;
    expect(issue).toMatchObject({ code: 'too-costly' });
    expect(issue?.details?.text ?? issue?.diagnostics).toMatch(/^Stopped: .* It took too long or too much memory\.$/);
    const girls = await evaluate('girl');
    expect(girls.status).toBe(200);
  }, 60_000);
});
