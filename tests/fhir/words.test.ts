import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { narrativeText } from '../../src/fhir/search/narrative-text.ts';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import { hasWords } from '../../src/fhir/search/words.ts';
import { growth, tooFast } from '../support/growth.ts';
import { baseUrl, builtDefinitions } from './support/built.ts';

const definitions = builtDefinitions();
const parse = (name: string, value: string) =>
  parseSearch(definitions, 'Condition', [[name, value]], { handling: 'strict', baseUrl });

function found(over: '_text' | '_content', value: string, resource: object): boolean {
  const parsed = parse(over, value);
  if (!parsed.ok) throw new Error(parsed.error.issues[0]?.text);
  const [filter] = parsed.value.query.filters;
  if (filter?.kind !== 'filter') throw new Error('no filter');
  return filter.values.some(
    (asked) =>
      asked.kind === 'words' && hasWords({ resourceType: 'Condition', ...resource }, asked.over, asked.expression),
  );
}

describe('refused', () => {
  test.each([
    '',
    '(',
    ')',
    '()',
    'a)',
    '(a',
    'AND',
    'a OR',
    'OR a',
    'a AND AND b',
    'NOT',
    '"',
    '"a',
    '""',
    '***',
    'a,',
    '"a" "',
  ])('%j', (value) => {
    const parsed = parse('_content', value);
    expect(parsed).toMatchObject({ ok: false, error: { kind: 'invalid', issues: [{ code: 'value' }] } });
  });
  test('modifiers, and places behind a join', () => {
    expect(parse('_text:exact', 'a').ok).toBe(false);
    expect(parse('_content:missing', 'true').ok).toBe(false);
    expect(parse('patient._text', 'a').ok).toBe(false);
    expect(parse('_has:Provenance:target:_content', 'a').ok).toBe(false);
  });
  test('what is too long or too deep, whatever the handling', () => {
    for (const value of ['a '.repeat(600), `${'('.repeat(40)}a${')'.repeat(40)}`, `${'NOT '.repeat(100)}a`]) {
      const parsed = parseSearch(definitions, 'Condition', [['_text', value]], { handling: 'lenient', baseUrl });
      expect(parsed).toMatchObject({ ok: false, error: { issues: [{ code: 'too-costly' }] } });
    }
  });
});

describe('words', () => {
  const resource = {
    code: { text: 'Asthme sévère, Zoë-Type', coding: [{ system: 'http://a.example/sct', code: '195967001' }] },
    note: [{ text: 'bone marrow' }, { text: 'liver' }],
    recordedDate: '2020-02-01',
    text: {
      status: 'generated',
      div: '<div xmlns="http://www.w3.org/1999/xhtml"><p title="hid>den">Se<b>ve</b>re</p>wheeze<br/>again &eacute;t&#233; &amp;c</div>',
    },
  };
  test.each([
    ['asthme', true],
    ['ASTHME SEVERE', true],
    ['severe asthme', true],
    ['"severe asthme"', false],
    ['"asthme severe"', true],
    ['zoe-type', true],
    ['asthm', false],
    ['bone OR kidney', true],
    ['bone AND kidney', false],
    ['(kidney OR liver) and bone', true],
    ['"marrow liver"', false],
    ['bone NOT liver', false],
    ['bone NOT kidney', true],
    ['kidney,liver', true],
    ['kidney OR bone AND lung', false],
    ['195967001', true],
    ['"AND" OR bone', true],
  ])('_content=%s: %s', (value, expected) => {
    expect(found('_content', value, resource)).toBe(expected);
  });
  test.each([
    ['severe wheeze', true],
    ['"severe wheeze again"', true],
    ['ete', true],
    ['"ete ete"', false],
    ['hid', false],
    ['div', false],
    ['bone', false],
  ])('_text=%s: %s', (value, expected) => {
    expect(found('_text', value, resource)).toBe(expected);
  });
  test('a resource without a narrative has no words of one', () => {
    expect(found('_text', 'bone', { note: [{ text: 'bone' }] })).toBe(false);
    expect(found('_text', 'NOT bone', {})).toBe(true);
  });
});

test('a narrative of any shape is read in time that grows with its length only', () => {
  for (const part of ['<', '<"', '<a', '&', '<!--', '<p "', '&#', '</']) {
    const read = (length: number) => {
      const text = part.repeat(length / part.length);
      return () => narrativeText(text);
    };
    expect(typeof read(100_000)()).toBe('string');
    expect(growth(read, 400_000)).toBeLessThan(tooFast);
  }
  fc.assert(fc.property(fc.string(), (text) => typeof narrativeText(text) === 'string'));
});
