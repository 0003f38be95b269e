import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { messagesOf, type Run } from '../../../src/store/session/messages.ts';

/** pg writes the same messages one by one: byte for byte ours have to be these. */
function asPgWrites(runs: readonly Run[]): Buffer {
  const written: Buffer[] = [];
  const stream = { writable: true, on: () => {}, write: (bytes: Buffer) => written.push(Buffer.from(bytes)) };
  const connection = new pg.Connection({ stream } as unknown as pg.ConnectionConfig);
  const wire = connection as unknown as Record<string, (what?: object) => void>;
  for (const { name, text, values, isDescribed } of runs) {
    if (text !== undefined) wire.parse?.({ text, name });
    wire.bind?.({ statement: name, values });
    if (isDescribed) wire.describe?.({ type: 'P' });
    wire.execute?.({});
  }
  wire.sync?.();
  return Buffer.concat(written);
}

/** Of every length that a UTF-16 unit may have in UTF-8, halves of pairs too, and about as long as what is counted. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', 'é'.repeat(1023), '漢'.repeat(1024), '😀'.repeat(600), '\ud800', 'x'.repeat(5000)),
);
const bytes = fc.uint8Array({ maxLength: 60 }).map((some) => Buffer.from(some));
const run: fc.Arbitrary<Run> = fc
  .record({
    name: fc.constantFrom('', 'read', 'own-1234'),
    text: fc.option(text, { nil: undefined }),
    values: fc.array(fc.oneof(text, bytes, fc.constant(null)), { maxLength: 8 }),
    isDescribed: fc.boolean(),
  })
  .map(({ text: statement, ...others }) => (statement === undefined ? others : { ...others, text: statement }));

test('nothing to run is a Sync', () => {
  expect(messagesOf([])).toEqual(asPgWrites([]));
});

test('the messages are those that pg writes, in one piece', () => {
  fc.assert(
    fc.property(fc.array(run, { maxLength: 5 }), (runs) => {
      expect(messagesOf(runs).equals(asPgWrites(runs))).toBe(true);
    }),
    { numRuns: 500 },
  );
});
