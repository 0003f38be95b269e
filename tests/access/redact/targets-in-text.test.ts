import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { targetsIn, targetsInText } from '../../../src/access/redact/references.ts';

const baseUrl = 'http://careweave.test/fhir';

/** What stands before and after colons in an answer: references, properties that look like them, and texts that quote them. */
const texts = fc.oneof(
  fc.constantFrom('Patient/a', 'Patient/b', 'Encounter/c', `${baseUrl}/Goal/d`, 'Observation/e/_history/2', '#inside'),
  fc.constantFrom('reference', '"reference":"Patient/quoted"', 'a "reference" : "Patient/quoted"', 'back\\slash', ''),
  fc.constantFrom('Grüße', '"', '\\', '\n', '\u2028', '\u0001', '/', '\ud83d\ude00'),
  fc.string(),
);
const names = fc.constantFrom('reference', 'subject', 'display', 'Reference', 'reference ', '"reference"', 'x');
const { value: answers } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.record({ reference: texts }),
    texts,
    fc.double({ noNaN: true }),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(names, tie('value'), { maxKeys: 4 }),
  ),
}));

describe('references found in the text of an answer', () => {
  test('are not looked for where the text is spelled with escapes that might hide one', () => {
    expect(targetsInText('{"\\u0072eference":"Patient/a"}', baseUrl)).toBeUndefined();
    expect(targetsInText('{"reference":"Patient\\/a"}', baseUrl)).toBeUndefined();
    expect(targetsInText('{"reference":"Patient/\\u0061"}', baseUrl)).toBeUndefined();
  });

  test('are found whatever white space stands around the colon', () => {
    const text = '{"reference"\n:\t"Patient/a","subject":{"reference" : "Patient/b"}}';
    expect(targetsInText(text, baseUrl)).toEqual(new Set(['Patient/a', 'Patient/b']));
  });

  test('are those that reading the whole answer finds', () => {
    let found = 0;
    fc.assert(
      fc.property(answers, fc.constantFrom(undefined, 2), (answer, space) => {
        const text = JSON.stringify(answer, undefined, space);
        const inText = targetsInText(text, baseUrl);
        if (inText === undefined) return;
        const inside = targetsIn(answer, baseUrl);
        found += inside.size;
        expect(inText).toEqual(inside);
      }),
      { numRuns: 2000 },
    );
    expect(found).toBeGreaterThan(100);
  });
});
