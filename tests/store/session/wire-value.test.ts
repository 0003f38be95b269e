import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { wireValue } from '../../../src/store/session/wire-value.ts';

const textArrayOid: number = 1009;
const read = pg.types.getTypeParser(textArrayOid, 'text');

/** All that means something within an array literal, by itself and in company. */
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', ',', ' ', '$', '&', "'", 'a', 'é'), maxLength: 12 }),
  fc.constantFrom('', 'NULL', 'null', 'Null', '\\', '\\\\', '"', '\\"', '$&', '{"a":"b\\n"}', '2026-11-23T00:00:00Z'),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
);

test('a list of texts is read again as it was written, whatever stands in them', () => {
  fc.assert(
    fc.property(fc.array(fc.option(text), { maxLength: 6 }), (list) => {
      expect(read(String(wireValue(list)))).toEqual(list);
    }),
  );
});
