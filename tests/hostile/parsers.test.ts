import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseScopes } from '../../src/access/scopes.ts';
import type { Principal } from '../../src/access/types.ts';
import { readParameters } from '../../src/auth/parameters.ts';
import { systemClock } from '../../src/base/clock.ts';
import { peekJwt } from '../../src/base/jwt.ts';
import { splitRequestUrl } from '../../src/fhir/bundle/request-url.ts';
import { planBundle } from '../../src/fhir/bundle.ts';
import { dateRange } from '../../src/fhir/date-range.ts';
import { loadDefinitions } from '../../src/fhir/definitions.ts';
import { parseJsonStrict } from '../../src/fhir/json.ts';
import { parsePatch } from '../../src/fhir/patch/parse.ts';
import { parseReference } from '../../src/fhir/references.ts';
import { createExtractor } from '../../src/fhir/search/extract.ts';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { createValidator } from '../../src/fhir/validate.ts';
import { createPageLinks } from '../../src/http/page-links.ts';
import { preference } from '../../src/http/prefer.ts';
import { routeOf } from '../../src/http/route.ts';
import { versionOfIfMatch } from '../../src/http/versions.ts';
import { readCursor } from '../../src/store/search/sort.ts';
import { growth, tooFast } from '../support/growth.ts';
import { longest, longTexts } from './long-texts.ts';

const built = path.join(import.meta.dirname, '../../build/fhir');
const definitions = loadDefinitions(built);
const validate = createValidator(built);
const extract = createExtractor(definitions);
const baseUrl = 'http://ours.example/fhir';
const principal: Principal = { kind: 'client', id: 'a', clientId: 'a', scopes: [] };
const links = createPageLinks(Buffer.alloc(32, 1), systemClock);

type Parse = (text: string) => unknown;
type Row = [name: string, parse: Parse, beginning?: string];

/** Only what JSON and URLs themselves throw passes; anything else is a fault of a parser. */
function withoutFault(parse: Parse, text: string): void {
  try {
    parse(text);
  } catch (fault) {
    if (!(fault instanceof SyntaxError || fault instanceof URIError)) throw fault;
  }
}

/** What is read in more than the time of its length. */
function slowOnes(parse: Parse, beginning = ''): string[] {
  parse('warm');
  return longTexts(beginning).flatMap(({ name, text }) => {
    const times = growth((size) => () => withoutFault(parse, text(size)), longest);
    return times < tooFast ? [] : [`${JSON.stringify(name)}…: ${Math.round(times)} times for four times the length`];
  });
}

const search =
  (type: string, name: string): Parse =>
  (text) =>
    parseSearch(definitions, type, [[name, text]], { handling: 'strict', baseUrl });
const named =
  (type: string, before: string, after = ''): Parse =>
  (text) =>
    parseSearch(definitions, type, [[`${before}${text}${after}`, '1']], { handling: 'strict', baseUrl });
/** A resource with the text in one place: checked against the definitions and read for the search index. */
const inResource =
  (make: (text: string) => object): Parse =>
  (text) => {
    const resource = make(text) as Resource;
    validate(resource);
    extract(resource);
  };
const patient = (fields: object) => ({ resourceType: 'Patient', ...fields });
const extension = (value: object) => patient({ extension: [{ url: 'http://x.example/e', ...value }] });
const narrative = (div: string) => patient({ text: { status: 'generated', div } });
const pathPatch = (part: string) => (text: string) => {
  const parts = { type: 'replace', path: 'Patient.gender', name: 'x', [part]: text };
  const parameter = Object.entries(parts).map(([name, value]) => ({ name, valueString: value }));
  const body = { resourceType: 'Parameters', parameter: [{ name: 'operation', part: parameter }] };
  const patch = parsePatch(body, definitions.schema());
  return patch.ok && patch.value({ resourceType: 'Patient', id: 'a' });
};
const jsonPatch = (field: string) => (text: string) => {
  const patch = parsePatch(
    [{ op: 'copy', path: '/name', from: '/name', value: 1, [field]: text }],
    definitions.schema(),
  );
  return patch.ok && patch.value({ resourceType: 'Patient', id: 'a' });
};
const transaction = (entry: (text: string) => object) => (text: string) =>
  planBundle({ resourceType: 'Bundle', type: 'transaction', entry: [entry(text)] }, { baseUrl, definitions });
const put = { method: 'PUT', url: 'Patient/a' };

const searches: Row[] = [
  ['a token', search('Patient', 'identifier'), 'http://a|'],
  ['a token not', search('Patient', 'identifier:not')],
  ['a token text', search('Patient', 'identifier:text')],
  ['a token of-type', search('Patient', 'identifier:of-type'), 'a|b|'],
  ['a token in', search('Patient', 'gender:in'), 'http://a'],
  ['a token below', search('Patient', 'gender:below'), 'http://a|'],
  ['a reference', search('Observation', 'subject'), 'http://a/'],
  ['a reference of a type', search('Observation', 'subject:Patient'), 'Patient/'],
  ['a reference identifier', search('Observation', 'subject:identifier'), 'a|'],
  ['a string', search('Patient', 'name')],
  ['a string exact', search('Patient', 'name:exact')],
  ['a string contains', search('Patient', 'name:contains')],
  ['a date', search('Patient', 'birthdate'), '2020-01-01T00:00:00.'],
  ['a date with a prefix', search('Patient', 'birthdate'), 'ge'],
  ['a uri', search('ValueSet', 'url'), 'http://a'],
  ['a uri below', search('ValueSet', 'url:below'), 'http://a'],
  ['a uri above', search('ValueSet', 'url:above'), 'http://a'],
  ['a number', search('RiskAssessment', 'probability'), '1.'],
  ['a number with an exponent', search('RiskAssessment', 'probability'), '1e'],
  ['a quantity', search('Observation', 'value-quantity'), '1|http://unitsofmeasure.org|'],
  ['a quantity by unit', search('Observation', 'value-quantity'), '1||'],
  ['a composite', search('Observation', 'code-value-quantity'), 'a$'],
  ['near', search('Location', 'near'), '1|1|'],
  ['missing', search('Patient', 'name:missing'), 'true'],
  ['_id', search('Patient', '_id')],
  ['_lastUpdated', search('Patient', '_lastUpdated'), 'ge2020'],
  ['_filter', search('Patient', '_filter'), 'name eq "'],
  ['_filter with a path', search('Observation', '_filter'), 'subject.'],
  ['_text', search('Patient', '_text'), '('],
  ['_content', search('Patient', '_content'), '"'],
  ['_list', search('Patient', '_list')],
  ['_sort', search('Patient', '_sort'), 'name,'],
  ['_elements', search('Patient', '_elements'), 'name,'],
  ['_include', search('Patient', '_include'), 'Patient:'],
  ['_revinclude', search('Patient', '_revinclude'), 'Observation:patient:'],
  ['_count', search('Patient', '_count'), '1'],
  ['_summary', search('Patient', '_summary')],
  ['_total', search('Patient', '_total')],
  ['a name', named('Patient', '')],
  ['a modifier', named('Patient', 'name:')],
  ['a chain', named('Observation', 'subject:Patient.'), 'name.'],
  ['a type in a chain', named('Observation', 'subject:', '.name')],
  ['_has', named('Patient', '_has:'), 'Observation:patient:'],
];

const requests: Row[] = [
  ['a date', dateRange, '2020-01-01T00:00:00.'],
  ['a reference', (text) => parseReference(text, baseUrl), `${baseUrl}/`],
  ['JSON', parseJsonStrict, '{"a":'],
  ['JSON, a string', (text) => parseJsonStrict(JSON.stringify({ resourceType: text }))],
  ['JSON, a number', (text) => parseJsonStrict(`{"a":${text}}`), '1.'],
  ['scopes', (text) => parseScopes(text, definitions.types), 'patient/'],
  ['form parameters', readParameters, 'a='],
  ['a token', peekJwt, 'eyJhbGciOiJFUzM4NCJ9.'],
  ['Prefer', preference, 'return='],
  ['If-Match', versionOfIfMatch, 'W/"'],
  ['If-Modified-Since', (text) => Date.parse(text), 'Sun, 06 Nov 1994 08:49:37 GMT'],
  ['a path', (text) => routeOf('GET', text.split('/'), (type) => definitions.types.has(type)), 'Patient/'],
  ['a page link', (text) => links.open(text, principal)],
  ['a cursor', (text) => readCursor(text, [{ sql: 'x', descending: false, type: 'text', nullable: true }])],
  [
    'a cursor with a number',
    (text) =>
      readCursor(Buffer.from(JSON.stringify([text, '1'])).toString('base64url'), [
        { sql: 'x', descending: false, type: 'numeric', nullable: true },
      ]),
    '1.',
  ],
  ['a URL in a Bundle', (text) => splitRequestUrl(text, baseUrl), 'Patient/'],
  ['fullUrl', transaction((fullUrl) => ({ fullUrl, resource: patient({ id: 'a' }), request: put })), 'urn:uuid:'],
  ['a URL of an entry', transaction((url) => ({ request: { method: 'GET', url } })), 'Patient?'],
  [
    'ifNoneExist',
    transaction((ifNoneExist) => ({ resource: patient({}), request: { method: 'POST', url: 'Patient', ifNoneExist } })),
    'name=',
  ],
  [
    'ifMatch of an entry',
    transaction((ifMatch) => ({ resource: patient({ id: 'a' }), request: { ...put, ifMatch } })),
    'W/"',
  ],
  ['JSON Patch, path', jsonPatch('path'), '/name/'],
  ['JSON Patch, from', jsonPatch('from'), '/'],
  ['JSON Patch, op', jsonPatch('op')],
  ['FHIRPath Patch, path', pathPatch('path'), 'Patient.'],
  ['FHIRPath Patch, path with where', pathPatch('path'), "Patient.name.where(use = '"],
  ['FHIRPath Patch, type', pathPatch('type')],
  ['FHIRPath Patch, name', pathPatch('name')],
];

const values: Row[] = [
  ['id', inResource((id) => patient({ id }))],
  ['code', inResource((gender) => patient({ gender }))],
  ['language', inResource((language) => patient({ language })), 'en-'],
  ['string', inResource((family) => patient({ name: [{ family }] }))],
  ['markdown', inResource((valueMarkdown) => extension({ valueMarkdown }))],
  ['uri', inResource((system) => patient({ identifier: [{ system }] })), 'http://a'],
  ['url', inResource((url) => patient({ photo: [{ url }] })), 'http://a'],
  ['canonical', inResource((profile) => patient({ meta: { profile: [profile] } })), 'http://a|'],
  ['oid', inResource((valueOid) => extension({ valueOid })), 'urn:oid:1.'],
  ['uuid', inResource((valueUuid) => extension({ valueUuid })), 'urn:uuid:'],
  ['base64Binary', inResource((data) => ({ resourceType: 'Binary', contentType: 'a/b', data })), 'AAAA'],
  ['date', inResource((birthDate) => patient({ birthDate })), '2020-'],
  ['dateTime', inResource((deceasedDateTime) => patient({ deceasedDateTime })), '2020-01-01T00:00:00.'],
  ['instant', inResource((lastUpdated) => patient({ meta: { lastUpdated } })), '2020-01-01T00:00:00.'],
  ['time', inResource((valueTime) => extension({ valueTime })), '10:00:00.'],
  ['decimal', inResource((text) => extension({ valueDecimal: text }))],
  ['xhtml', inResource((div) => narrative(div)), '<div xmlns="http://www.w3.org/1999/xhtml">'],
  ['xhtml inside', inResource((text) => narrative(`<div xmlns="http://www.w3.org/1999/xhtml">${text}</div>`)), '<p>'],
  [
    'xhtml, an attribute',
    inResource((text) => narrative(`<div xmlns="http://www.w3.org/1999/xhtml"><a href="${text}">x</a></div>`)),
    'http://a',
  ],
  [
    'xhtml, a style',
    inResource((text) => narrative(`<div xmlns="http://www.w3.org/1999/xhtml"><p style="${text}">x</p></div>`)),
    'color:',
  ],
  ['a reference', inResource((reference) => patient({ generalPractitioner: [{ reference }] })), 'http://a/'],
  ['an extension’s URL', inResource((url) => patient({ extension: [{ url, valueBoolean: true }] })), 'http://a'],
  ['a name of a property', inResource((name) => patient({ [name]: 1 }))],
  [
    'a code of UCUM',
    inResource((code) => ({
      resourceType: 'Observation',
      status: 'final',
      code: {},
      valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code },
    })),
    'm',
  ],
];

/** Two arguments each: to one with less than its test takes, Jest adds a callback and waits for it. */
const given = ([name, parse, beginning]: Row): [string, { parse: Parse; beginning?: string }] => [
  name,
  { parse, ...(beginning !== undefined && { beginning }) },
];

describe('TH-44: 100,000 characters take the time of their length as', () => {
  test.each(searches.map(given))('a search: %s', (_name, { parse, beginning }) => {
    expect(slowOnes(parse, beginning)).toEqual([]);
  });
  test.each(requests.map(given))('a request: %s', (_name, { parse, beginning }) => {
    expect(slowOnes(parse, beginning)).toEqual([]);
  });
  test.each(values.map(given))('a value: %s', (_name, { parse, beginning }) => {
    expect(slowOnes(parse, beginning)).toEqual([]);
  });
});
