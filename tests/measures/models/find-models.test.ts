import { describe, expect, test } from '@jest/globals';
import { limits } from '../../../src/base/limits.ts';
import { headOfCql } from '../../../src/measures/posted/library-text.ts';
import { readModel } from '../../../src/measures/posted/model-text.ts';
import { findModels } from '../../../src/measures/posted/models.ts';
import { bareModel, exampleXml, modelLibrary, partsXml } from './example.ts';

const problemsOf = (xml: string) => readModel(modelLibrary('m', xml)).issues.map(({ code, text }) => [code, text]);
const here = (...xmls: readonly string[]) => xmls.map((xml, n) => readModel(modelLibrary(`m${n}`, xml)));
const uses = (name: string, version = '') => [{ name, version }];
const named = ({ models }: { models: readonly { name: string; version: string }[] }) =>
  models.map(({ name, version }) => `${name} ${version}`);

describe('model info is refused', () => {
  test.each([
    ['cut off', exampleXml.slice(0, 900), /not well-formed XML \(line \d+\)/],
    ['no XML', 'a model', /not well-formed XML/],
    ['nothing', '', /not well-formed|does not say which model/],
    ['another root', '<library xmlns="urn:hl7-org:elm:r1"/>', /no modelInfo of urn:hl7-org:elm-modelinfo:r1/],
    ['without namespace', '<modelInfo name="A" version="1"/>', /no modelInfo/],
    ['without name', bareModel('', '1'), /does not say which model/],
    ['without version', bareModel('A', ''), /does not say which model/],
    ['a name that would be CQL', bareModel('A define', '1'), /does not say which model/],
    ['a version that would be CQL', bareModel('A', "1' define"), /does not say which model/],
    ['a DTD', `<!DOCTYPE modelInfo SYSTEM "file:///etc/passwd">${partsXml}`, /document type \(DTD\)/],
    ['an entity', `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${partsXml}`, /document type \(DTD\)/],
    ['an entity that nobody declared', partsXml.replace('name="System"', 'name="&x;"'), /not well-formed/],
    ['nested too deep', partsXml.replace(/(<required.*\/>)/, `${'<a>'.repeat(60)}${'</a>'.repeat(60)}`), /deeper than/],
    [
      'too many that it requires',
      bareModel(
        'A',
        '1',
        ...Array.from({ length: limits.measures.models + 1 }, (_, n): [string, string] => [`B${n}`, '1']),
      ),
      /requires more than/,
    ],
    ['too long', partsXml + ' '.repeat(limits.measures.modelLength), /too long/],
  ])('%s', (_what, xml, told) => {
    const [[, text] = []] = problemsOf(xml);
    expect(text).toMatch(told);
    expect(text).not.toContain('passwd');
  });

  test('without XML, or with what is no base64', () => {
    const library = modelLibrary('m', partsXml);
    expect(readModel({ ...library, content: [] }).issues[0]?.text).toContain('application/xml');
    // Another million of white space would take an hour, were it looked at from each of its places.
    for (const data of ['%%%', `${' '.repeat(1_000_000)}%`, 'AA=A', 'AAA====']) {
      const broken = [{ contentType: 'application/xml', data }];
      expect(readModel({ ...library, content: broken }).issues[0]?.text).toContain('base64');
    }
  });
});

test('text/xml, a byte order mark and a prefix are read', () => {
  const prefixed = '<m:modelInfo xmlns:m="urn:hl7-org:elm-modelinfo:r1" name="A" version="2.0.0-ballot"/>';
  expect(readModel(modelLibrary('m', `\uFEFF${prefixed}`, 'text/xml; charset=utf-8'))).toMatchObject({
    name: 'A',
    version: '2.0.0-ballot',
    issues: [],
  });
});

describe('models are found', () => {
  test('not: nothing of the name, or no such version, and what is here is named', () => {
    const [nothing] = findModels(uses('QICore', '4.1.1'), [], 'x').missing;
    expect(nothing?.text).toMatch(
      /^The model QICore 4\.1\.1 is not here for translation: post its model info as a Library/,
    );
    const [other] = findModels(uses('ExampleParts', '2.0.0'), here(partsXml), 'x').missing;
    expect(other?.text).toContain('(of it are here: 1.0.0)');
  });

  test('not: a requirement is missing', () => {
    const found = findModels(uses('QICore', '0.1.0'), here(exampleXml), 'x');
    expect(found.missing.map(({ text }) => text)).toEqual([
      expect.stringContaining('The model ExampleParts 1.0.0 is not'),
    ]);
  });

  test('not: they require each other, or themselves', () => {
    const circle = here(bareModel('A', '1', ['B', '1']), bareModel('B', '1', ['A', '1']));
    expect(findModels(uses('A'), circle, 'x').broken[0]?.text).toBe(
      'The models A 1, B 1, A 1 require each other in a circle.',
    );
    expect(findModels(uses('A'), here(bareModel('A', '1', ['A', '1'])), 'x').broken).toHaveLength(1);
  });

  test('not: two texts of one version, and too many', () => {
    const twins = here(bareModel('A', '1'), bareModel('A', '1', ['System', '1']));
    expect(findModels(uses('A', '1'), twins, 'x').broken[0]?.code).toBe('multiple-matches');
    expect(findModels(uses('A', '1'), here(partsXml, partsXml), 'x').broken).toEqual([]);
    const count = limits.measures.models + 1;
    const chain = here(...Array.from({ length: count }, (_, n) => bareModel(`A${n}`, '1', [`A${n + 1}`, '1'])));
    expect(findModels(uses('A0'), chain, 'x').broken[0]?.code).toBe('too-costly');
  });

  test('by version, without one the newest, with what they require', () => {
    const all = here(
      bareModel('A', '1.9.0'),
      bareModel('A', '1.10.0', ['B', '2']),
      bareModel('B', '2'),
      bareModel('B', '3'),
    );
    expect(named(findModels(uses('A', '1.9.0'), all, 'x'))).toEqual(['A 1.9.0']);
    expect(named(findModels(uses('A'), all, 'x'))).toEqual(['A 1.10.0', 'B 2']);
    expect(named(findModels([...uses('FHIR', '4.0.1'), ...uses('System')], all, 'x'))).toEqual([]);
  });
});

test('the models of CQL are read from it, not from its comments', () => {
  const cql = `library A\n// using X version '1'\n/* using Y */\nusing QICore version '4.1.1' called Q\nusing "FHIR"\n`;
  expect(headOfCql(cql).models).toEqual([
    { name: 'QICore', version: '4.1.1' },
    { name: 'FHIR', version: '' },
  ]);
});

test('what stands in a text begins no comment, and what stands in a comment begins neither', () => {
  const cql = `library A // see application/* and "don't
include B
codesystem "a // b": 'http://x.test/* \\' // '
include C version '1' /* using D
include E */
include F /* not closed
include G`;
  expect(headOfCql(cql)).toMatchObject({
    name: 'A',
    includes: [
      { name: 'B', version: '' },
      { name: 'C', version: '1' },
      { name: 'F', version: '' },
    ],
  });
});

test.each(['\n', '\r', '\u2028', ' ', '/* ', '// ', "'", "'\\", '"\\', 'using\n', "using A version '"])(
  'text as long as CQL may be is gone through once, whatever it repeats: %j',
  (part) => {
    const cql = `library A\n${part.repeat(limits.measures.cqlLength / part.length)}`;
    // Nothing is said of how long it takes: from each of its places anew it would take an hour.
    expect(headOfCql(cql).name).toBe('A');
  },
);
