import { describe, expect, test } from '@jest/globals';
import { narrativeText } from '../../src/fhir/plan-view/narrative.ts';
import { narrativeProblem } from '../../src/fhir/validate/narrative.ts';
import { primitiveProblem } from '../../src/fhir/validate/primitives.ts';
import { growth, tooFast } from '../support/growth.ts';

describe('active content is refused, however it is written (TH-45)', () => {
  test.each([
    '<div title=">" onclick="f()">x</div>',
    `<div title='"' ONCLICK="f()">x</div>`,
    '<div><img/src="x"/onerror="f()"/>x</div>',
    '<div><img src="x"onerror="f()"/>x</div>',
    '<div><img src="x" onerror=f()/>x</div>',
    '<div><a href="&#106;avascript&#58;f()">x</a></div>',
    '<div><a href="&#x6A;avascript&colon;f()">x</a></div>',
    '<div><a href="java\tscript:f()">x</a></div>',
    '<div><a href=" java&#10;script:f()">x</a></div>',
    '<div><a href="data:text/html,x">x</a></div>',
    '<div><x:script xmlns:x="http://www.w3.org/1999/xhtml">f()</x:script>x</div>',
    '<div><svg onload="f()"></svg>x</div>',
    '<div><![CDATA[<script>f()</script>]]>x</div>',
    '<div><?php f() ?>x</div>',
    '<div>1 < 2<script>f()</script></div>',
    '<div><!-- > <script>f()</script></div>',
    '<div><iframe src="x"/>x</div>',
  ])('%s', (div) => {
    expect(narrativeProblem(div)).toBeDefined();
  });
});

describe('what is only text stays', () => {
  test.each([
    '<div>Take one &lt; 2 times</div>',
    '<div><!-- made by a system -->x</div>',
    '<div xmlns="http://www.w3.org/1999/xhtml"><p style="color: red">Once<br/>a day</p></div>',
    '<div><a href="https://example.org/?a=1&amp;b=2" title="a > b">x</a></div>',
    '<div><img src="#chart" alt="Growth"/></div>',
    ' <div>x</div> ',
  ])('%s', (div) => {
    expect(narrativeProblem(div)).toBeUndefined();
  });
});

/** Long enough that an expression which tries everything with everything would take minutes. */
const long = 500_000;

describe('long text takes the time of its length', () => {
  test.each([
    ['open brackets', '<'],
    ['blanks', ' '],
    ['half tags', '< on'],
    ['half breaks', '<br'],
    ['half comments', '<!--'],
    ['half references', '&#'],
    ['empty tags', '/>  '],
  ])('%s', (_name, piece) => {
    const read = (times: number) => {
      const div = `<div><a title="${piece.repeat(times)}${piece.repeat(times)}</div>`;
      const plain = `<div>${piece.repeat(times)}</div>`;
      return () => [narrativeProblem(div), narrativeProblem(plain), narrativeText({ status: 'generated', div })];
    };
    expect(growth(read, 200_000)).toBeLessThan(tooFast);
  });
  test('a document of 12 MB is base64, and a long code is told from a broken one', () => {
    const text = 'QUJD'.repeat(4 * 1024 * 1024);
    expect(primitiveProblem('base64Binary', text)).toBeUndefined();
    expect(primitiveProblem('base64Binary', `${text}\n QQ==`)).toBeUndefined();
    expect(primitiveProblem('base64Binary', `${text}!`)).toBeDefined();
    expect(primitiveProblem('code', 'a b '.repeat(long))).toBeDefined();
    expect(primitiveProblem('oid', `urn:oid:1${'.1'.repeat(long)}`)).toBeDefined();
  });
  test.each([
    ['A', false],
    ['QQ', true],
    ['QQ==', true],
    ['Q Q = =', true],
    ['QQ===', false],
    ['=QQ', false],
    ['', false],
  ])('base64 %p', (text, fits) => {
    expect(primitiveProblem('base64Binary', text) === undefined).toBe(fits);
  });
  test.each([
    ['a', true],
    ['a b', true],
    ['a  b', false],
    [' a', false],
    ['a ', false],
    ['a\tb', false],
    ['', false],
  ])('code %p', (text, fits) => {
    expect(primitiveProblem('code', text) === undefined).toBe(fits);
  });
});
