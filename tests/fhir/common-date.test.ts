import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { commonDateRange } from '../../src/fhir/common-date.ts';
import { anyDateRange, dateRange } from '../../src/fhir/date-range.ts';

const two = fc.integer({ min: 0, max: 99 }).map((value) => String(value).padStart(2, '0'));
const near = fc.constantFrom(
  '00',
  '01',
  '12',
  '13',
  '23',
  '24',
  '27',
  '28',
  '29',
  '30',
  '31',
  '58',
  '59',
  '60',
  '0a',
  ' 1',
  '-1',
);
const part = fc.oneof(two, near);
const year = fc.oneof(
  fc.constantFrom('0000', '0001', '0099', '0100', '9999', '2024', '2023', '19 9'),
  fc.integer({ min: 1900, max: 2100 }).map(String),
);
const mark = (usual: string) =>
  fc.oneof({ weight: 20, arbitrary: fc.constant(usual) }, fc.constantFrom(' ', ':', 'z', '.', '+'));

test('the quick way says what the whole way says, or nothing', () => {
  const day = fc.tuple(year, mark('-'), part, mark('-'), part).map((parts) => parts.join(''));
  const time = fc.tuple(mark('T'), part, mark(':'), part, mark(':'), part).map((parts) => parts.join(''));
  const fraction = fc
    .tuple(mark('.'), fc.constantFrom('000', '001', '998', '999', '12x', '1', '120'))
    .map((parts) => parts.join(''));
  const end = mark('Z');
  const zone = fc.tuple(mark('+'), part, mark(':'), fc.oneof(part, fc.constant('00'))).map((parts) => parts.join(''));
  const likelyZone = fc.tuple(
    fc.constantFrom('+', '-', ' '),
    fc.constantFrom('00', '05', '08', '14', '15'),
    fc.constantFrom(':00', ':30'),
  );
  const text = fc.oneof(
    day,
    fc.tuple(day, time, zone).map((parts) => parts.join('')),
    fc
      .tuple(
        day,
        time,
        likelyZone.map((parts) => parts.join('')),
      )
      .map((parts) => parts.join('')),
    fc.tuple(day, time, end).map((parts) => parts.join('')),
    fc.tuple(day, time, fraction, end).map((parts) => parts.join('')),
  );
  let quick = 0;
  fc.assert(
    fc.property(text, (date) => {
      const found = commonDateRange(date);
      if (found) quick += 1;
      if (found) expect([date, found]).toEqual([date, anyDateRange(date)]);
      expect(dateRange(date)).toEqual(anyDateRange(date));
    }),
    { numRuns: 20_000 },
  );
  expect(quick).toBeGreaterThan(100);
});

test.each([
  ['2024-02-27', '2024-02-27T00:00:00.000Z', '2024-02-28T00:00:00.000Z'],
  ['2024-02-28', '2024-02-28T00:00:00.000Z', '2024-02-29T00:00:00.000Z'],
  ['2024-03-05T10:00:58Z', '2024-03-05T10:00:58.000Z', '2024-03-05T10:00:59.000Z'],
  ['2024-03-05T10:00:59Z', '2024-03-05T10:00:59.000Z', '2024-03-05T10:01:00.000Z'],
  ['2024-03-05T10:00:00.099Z', '2024-03-05T10:00:00.099Z', '2024-03-05T10:00:00.100Z'],
])('%s', (text, start, end) => {
  expect(dateRange(text)).toEqual({ start, end });
});
