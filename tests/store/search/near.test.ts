import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestStore, type TestStore } from '../../support/database.ts';
import { find, keep } from './support/searching.ts';

let home: TestStore;
beforeAll(async () => {
  home = await createTestStore();
  const at = (latitude: number, longitude: number) => ({ resourceType: 'Location', position: { latitude, longitude } });
  await keep(home, {
    'l-here': at(42.2565, -83.6948),
    // A hundredth of a degree of latitude is 1.11 km anywhere.
    'l-north': at(42.2665, -83.6948),
    // A tenth of a degree of longitude is 8.23 km at this latitude.
    'l-east': at(42.2565, -83.5948),
    'l-fiji': at(-17.0, 179.95),
    'l-beyond': at(-17.0, -179.95),
    'l-pole': at(90, 0),
    'l-nowhere': { resourceType: 'Location', name: 'Somewhere' },
  });
});
afterAll(() => home.drop());

describe('Location?near', () => {
  const cases: [string, string[]][] = [
    ['42.2565|-83.6948|0|km', ['l-here']],
    ['42.2565|-83.6948|1.11|km', ['l-here']],
    ['42.2565|-83.6948|1.12|km', ['l-here', 'l-north']],
    ['42.2565|-83.6948|1120|m', ['l-here', 'l-north']],
    ['42.2565|-83.6948|0.7|mi', ['l-here', 'l-north']],
    ['42.2565|-83.6948|8.22', ['l-here', 'l-north']],
    ['42.2565|-83.6948|8.24', ['l-east', 'l-here', 'l-north']],
    ['42.2565|-83.6948', ['l-east', 'l-here', 'l-north']],
    ['-17|180|6|km', ['l-beyond', 'l-fiji']],
    ['-17|-180|6|km', ['l-beyond', 'l-fiji']],
    ['-17|179.95|11|km', ['l-beyond', 'l-fiji']],
    ['-17|179.95|10|km', ['l-fiji']],
    ['89.99|135|2|km', ['l-pole']],
    ['42.2565|-83.6948|0|km,89.99|135|2|km', ['l-here', 'l-pole']],
    ['0|0|20100|km', ['l-beyond', 'l-east', 'l-fiji', 'l-here', 'l-north', 'l-pole']],
  ];
  test.each(cases)('%s finds %j', async (asked, ids) => {
    expect((await find(home, `Location?near=${encodeURIComponent(asked)}`)).sort()).toEqual(ids);
  });
  test(':missing', async () => {
    expect(await find(home, 'Location?near:missing=true')).toEqual(['l-nowhere']);
    expect(await find(home, 'Location?near:missing=false')).toHaveLength(6);
  });
});
