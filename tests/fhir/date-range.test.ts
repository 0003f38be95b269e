import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dateRange, distantFuture, distantPast, openEnd, openStart, periodRange } from '../../src/fhir/date-range.ts';

describe('what is no date', () => {
  test.each([
    '',
    '20',
    '202',
    '2020-1',
    '2020-13',
    '2020-00',
    '2020-02-30',
    '2021-02-29',
    '2020-04-31',
    '2020-01-00',
    '0000',
    '0000-01-01',
    '2020-01-01T',
    '2020-01-01T10',
    '2020-01-01T25:00',
    '2020-01-01T10:60',
    '2020-01-01T10:00:61Z',
    '2020-01-01T10:00:00+15:00',
    '2020-01-01T10:00:00+0100',
    '2020-01-01 10:00',
    'today',
    '2020-01-01T10:00:00.Z',
    ' 2020',
    '2020 ',
    '12020',
    '-2020',
  ])('%j', (text) => {
    expect(dateRange(text)).toBeUndefined();
  });
});

describe('a date is the stretch its precision stands for', () => {
  test.each([
    ['2020', '2020-01-01T00:00:00.000Z', '2021-01-01T00:00:00.000Z'],
    ['2020-02', '2020-02-01T00:00:00.000Z', '2020-03-01T00:00:00.000Z'],
    ['2020-12', '2020-12-01T00:00:00.000Z', '2021-01-01T00:00:00.000Z'],
    ['2020-02-29', '2020-02-29T00:00:00.000Z', '2020-03-01T00:00:00.000Z'],
    ['2020-02-29T23:59', '2020-02-29T23:59:00.000Z', '2020-03-01T00:00:00.000Z'],
    ['2020-02-29T10:00:00', '2020-02-29T10:00:00.000Z', '2020-02-29T10:00:01.000Z'],
    ['2020-02-29T10:00:00.1Z', '2020-02-29T10:00:00.100Z', '2020-02-29T10:00:00.200Z'],
    ['2020-02-29T10:00:00.123456Z', '2020-02-29T10:00:00.123Z', '2020-02-29T10:00:00.124Z'],
    ['2020-01-01T00:30:00+01:00', '2019-12-31T23:30:00.000Z', '2019-12-31T23:30:01.000Z'],
    ['2020-01-01T00:30:00 01:00', '2019-12-31T23:30:00.000Z', '2019-12-31T23:30:01.000Z'],
    ['2019-12-31T20:00:00-08:00', '2020-01-01T04:00:00.000Z', '2020-01-01T04:00:01.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z', '2017-01-01T00:00:01.000Z'],
    ['0099', '0099-01-01T00:00:00.000Z', '0100-01-01T00:00:00.000Z'],
    ['9999', '9999-01-01T00:00:00.000Z', distantFuture],
    ['0001-01-01T00:00:00+14:00', distantPast, distantPast],
  ])('%s', (text, start, end) => {
    expect(dateRange(text)).toEqual({ start, end });
  });

  test('coarser dates contain the finer ones they begin with', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
        (date) => {
          const text = date.toISOString();
          const ranges = [4, 7, 10, 16, 19, 24].map((length) => dateRange(text.slice(0, length)));
          for (const [at, range] of ranges.entries()) {
            const outer = ranges[at - 1];
            expect(range && range.start < range.end).toBe(true);
            if (outer && range) expect(outer.start <= range.start && range.end <= outer.end).toBe(true);
          }
        },
      ),
    );
  });
});

describe('a Period', () => {
  test('without a readable side is none', () => {
    expect(periodRange(undefined, undefined)).toBeUndefined();
    expect(periodRange('soon', 5)).toBeUndefined();
  });
  test('that ends before it starts still is a range', () => {
    expect(periodRange('2021', '2020')).toEqual(dateRange('2021'));
  });
  test('reaches to the sentinel where it is open, and to the end of its last date', () => {
    expect(periodRange('2020', undefined)).toEqual({ start: '2020-01-01T00:00:00.000Z', end: openEnd });
    expect(periodRange(undefined, '2020')).toEqual({ start: openStart, end: '2021-01-01T00:00:00.000Z' });
    expect(periodRange('2020-01-01', '2020-01-01')).toEqual(dateRange('2020-01-01'));
  });
});
