import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { redactBody } from '../../../src/access/redact/answer.ts';
import { plainTargets, takenOutBy } from '../../../src/access/redact/plain-record.ts';
import { targetsIn } from '../../../src/access/redact/references.ts';
import { toldText } from '../../../src/access/redact/told-text.ts';
import type { Redaction, RedactionRule } from '../../../src/access/types.ts';
import { parseJson, stringifyJson } from '../../../src/fhir/json.ts';

const baseUrl = 'http://careweave.test/fhir';
const today = '2026-06-01';
const limited: RedactionRule = {
  stripsLabels: true,
  hidesVersions: true,
  dropsNarrative: true,
  dropsFormerDetails: true,
  marksSubsetted: false,
  letsKnow: 0n,
  removes: new Map([
    ['Observation', ['encounter', 'note', 'focus']],
    ['Patient', ['link', 'contact']],
  ]),
};
const full: RedactionRule = { ...limited, removes: new Map([['Patient', ['link']]]) };
const own: RedactionRule = { ...full, dropsFormerDetails: false, marksSubsetted: true };
const staff: RedactionRule = { ...own, stripsLabels: false, hidesVersions: false, dropsNarrative: false };

const redactions: Redaction[] = [
  { rules: [{ patients: new Set(['a']), rule: limited }], withoutWhereabouts: [] },
  {
    rules: [
      { patients: new Set(['a']), rule: full },
      { patients: new Set(['b']), rule: limited },
    ],
    withoutWhereabouts: [],
  },
  { rules: [{ patients: 'any', rule: own }], withoutWhereabouts: [] },
  { rules: [{ patients: 'any', rule: limited }], withoutWhereabouts: ['a'] },
  { rules: [{ patients: 'any', rule: staff }], withoutWhereabouts: [] },
];

const references = fc.constantFrom(
  ...['Patient/a', 'Patient/b', 'Encounter/seen', 'Encounter/hidden', 'Encounter/nowhere', '#inside'],
  ...[`${baseUrl}/Goal/seen`, 'http://elsewhere.test/fhir/Goal/x', 'urn:uuid:7', 'Goal/seen"', 'Goal\\/seen', 'Göal'],
);
const words = fc.constantFrom(
  'old',
  'official',
  'words',
  '{',
  '}]',
  '"reference":"Patient/b"',
  '\\',
  '\u2028',
  '\u0001',
  'do-not-disclose',
);
const reference = fc.oneof(
  { arbitrary: fc.record({ reference: references }), weight: 3 },
  fc.record({ reference: references, display: words }),
  fc.record({ display: words, reference: references }),
  fc.record({ display: words }),
  fc.record({ identifier: fc.record({ value: words }), type: words }),
);
const detail = fc.oneof(
  fc.record({ use: words, text: words }),
  fc.record({ period: fc.record({ end: fc.constantFrom('2020', '2030-01-01') }), text: words }),
  fc.record({
    extension: fc.constant([
      { url: 'http://careweave.org/fhir/StructureDefinition/do-not-disclose', valueBoolean: true },
    ]),
  }),
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  { depthSize: 'small' },
  reference,
  fc.array(reference, { minLength: 1, maxLength: 3 }),
  fc.array(detail, { minLength: 1, maxLength: 2 }),
  words,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.record({ text: words, coding: fc.array(fc.record({ code: words }), { maxLength: 2 }) }),
  fc.record({ focus: reference, value: fc.array(reference, { maxLength: 2 }) }),
);
const names = fc.constantFrom(
  ...['subject', 'encounter', 'focus', 'basedOn', 'note', 'text', '_text', 'name', '_name', 'identifier', 'contained'],
  ...['code', 'performer', 'reference', 'result', 'link', 'contact', 'extension', 'security'],
);
const label = fc.constantFrom(
  { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' },
  { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'ADOL' },
);
const meta = fc.oneof(
  { arbitrary: fc.constant({}), weight: 3 },
  fc.record({ profile: fc.constant(['http://x.test/p']) }),
  fc.record({ security: fc.array(label, { maxLength: 2 }) }),
  fc.record({ tag: fc.constant([{ code: 't' }]), source: words }),
);
const inner = fc.constantFrom(undefined, {
  resourceType: 'Encounter',
  id: 'inside',
  text: { div: 'x' },
  meta: { versionId: '3' },
});
const record = fc
  .record({
    resourceType: fc.constantFrom('Observation', 'Observation', 'Patient', 'CarePlan', 'Bundle', 'ValueSet'),
    meta,
    parts: fc.dictionary(names, value, { maxKeys: 3 }),
    about: fc.constantFrom('Patient/a', 'Patient/b'),
    contained: inner,
  })
  .map(({ resourceType, meta, parts, about, contained }) => ({
    resourceType,
    id: 'a',
    meta: { versionId: '1', lastUpdated: '2026-01-01T00:00:00.000Z', ...meta },
    ...parts,
    subject: { reference: about },
    ...(contained && { contained: [contained] }),
  }));

const hidden = new Set(['Encounter/hidden']);
const seenOf = (targets: Iterable<string>) => ({
  seen: new Set([...targets].filter((one) => one.endsWith('/seen') || one.startsWith('Patient/'))),
  hidden: new Set([...targets].filter((one) => hidden.has(one))),
});

/** As every answer was told before: read as a whole, redacted and written. */
function readWhole(json: string, redaction: Redaction): string {
  const body = parseJson(json);
  return stringifyJson(redactBody(body, { redaction, targets: seenOf(targetsIn(body, baseUrl)), today, baseUrl }));
}

describe('an answer that is told by its text', () => {
  test('is what reading, redacting and writing the whole of it gives', () => {
    let plain = 0;
    let told = 0;
    fc.assert(
      fc.property(fc.array(record, { maxLength: 4 }), fc.constantFrom(...redactions), (all, redaction) => {
        const records: { from: number; to: number }[] = [];
        let json = '{"resourceType":"Bundle","link":[{"url":"x"}],"entry":[';
        for (const [at, one] of all.entries()) {
          json += `${at > 0 ? ',' : ''}{"resource":`;
          records.push({ from: json.length, to: json.length + stringifyJson(one).length });
          json += `${stringifyJson(one)},"search":{"mode":"match"}}`;
        }
        json += ']}';
        const text = toldText(json, { of: json, records }, { redaction, baseUrl });
        const taken = takenOutBy(redaction);
        if (taken) plain += all.filter((one) => plainTargets(stringifyJson(one), taken, baseUrl)).length;
        if (!text) return;
        told += all.length;
        expect(text.told({ targets: seenOf(text.targets), today })).toBe(readWhole(json, redaction));
      }),
      { numRuns: 5000 },
    );
    expect(plain).toBeGreaterThan(300);
    expect(told - plain).toBeGreaterThan(300);
  });

  test('is one record where it is not a page, told like it', () => {
    fc.assert(
      fc.property(record, fc.constantFrom(...redactions), (one, redaction) => {
        const json = stringifyJson(one);
        const text = toldText(json, undefined, { redaction, baseUrl });
        if (!text) return;
        expect(text.told({ targets: seenOf(text.targets), today })).toBe(readWhole(json, redaction));
      }),
      { numRuns: 3000 },
    );
  });

  test('is read as a whole where the places are those of another text, or a Bundle says none', () => {
    const [redaction] = redactions as [Redaction];
    const json = '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","id":"a","link":[]}}]}';
    expect(toldText(json, undefined, { redaction, baseUrl })).toBeUndefined();
    expect(toldText(json, { of: `${json} `, records: [] }, { redaction, baseUrl })).toBeUndefined();
  });

  test('does not ask where what is removed leads', () => {
    const [redaction] = redactions as [Redaction];
    const json =
      '{"resourceType":"Observation","id":"o","meta":{"versionId":"1","lastUpdated":"2026-01-01T00:00:00Z"},"encounter":{"reference":"Encounter/e"},"subject":{"reference":"Patient/a"}}';
    expect(toldText(json, undefined, { redaction, baseUrl })?.targets).toEqual(new Set(['Patient/a']));
  });

  test('is read where its text is spelled in a way that the store does not write', () => {
    const taken = takenOutBy(redactions[0] as Redaction);
    if (!taken) throw new Error('the first redaction is told by the text');
    const head = '{"resourceType":"Observation","id":"o","meta":{"versionId":"1","lastUpdated":"2026-01-01T00:00:00Z"}';
    expect(plainTargets(`${head},"subject":{"reference":"Patient/a"}}`, taken, baseUrl)).toEqual(['Patient/a']);
    for (const rest of [
      ',"subject":{"reference" :"Patient/a"}}',
      ',"subject":{"\\u0072eference":"Patient/a"}}',
      ',"text" :{"div":"x"}}',
      ',"text":"words"}',
    ])
      expect([rest, plainTargets(`${head}${rest}`, taken, baseUrl)]).toEqual([rest, undefined]);
    expect(plainTargets('{"id":"o","resourceType":"Observation"}', taken, baseUrl)).toBeUndefined();
  });
});
