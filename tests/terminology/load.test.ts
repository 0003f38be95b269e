import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { limits } from '../../src/base/limits.ts';
import type { TestHttp } from '../support/http.ts';
import { out, serveTerminology, testTerminology } from './support/serve.ts';

/** Invented miniature files in the formats of the releases. */
const cvxText = [
  '901       |Play pox|play pox vaccine, invented||Active|False|2020/01/02',
  '902       |Old pox|old pox vaccine, invented|kept for old records|Inactive|False|2020/01/02',
].join('\r\n');
const orderLine = (order: number, code: string, flag: 0 | 1, text: string) =>
  `${String(order).padStart(5, '0')} ${code.padEnd(7)} ${flag} ${text.slice(0, 60).padEnd(60)} ${text}`;
const icdText = [
  orderLine(1, 'X90', 0, 'Invented complaints of play'),
  orderLine(2, 'X900', 1, 'Invented complaint, mild'),
  orderLine(3, 'X901', 0, 'Invented complaint, severe'),
  orderLine(4, 'X901A', 1, 'Invented complaint, severe, at night'),
  orderLine(5, 'X91', 1, 'Other invented complaints'),
].join('\n');
const loincText = [
  '"LOINC_NUM","COMPONENT","CLASS","STATUS","SHORTNAME","LONG_COMMON_NAME"',
  '"99990-1","Play","FUN","ACTIVE","Play","Play time, ""free"", per day"',
  '"99991-9","Nap","FUN","DEPRECATED","","Nap',
  'time"',
].join('\n');

let http: TestHttp;
let folder: string;
const [command] = testTerminology().module.commands;
const printed: string[] = [];

async function load(name: string, text: string | Buffer, options: Record<string, string> = {}) {
  const file = path.join(folder, name);
  await writeFile(file, text);
  return command?.run({
    arguments: { file },
    text: (option) => options[option],
    store: http.store,
    print: (line) => printed.push(line),
    progress: () => {},
  });
}

const rows = async (url: string) =>
  (
    await http.store.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM terminology_concept JOIN terminology_system s ON s.id = system_id WHERE s.url = $1',
      [url],
    )
  )[0]?.n;
const get = (target: string) => http.send('GET', `/fhir/${target}`);
const q = encodeURIComponent;
const cvx = 'http://hl7.org/fhir/sid/cvx';
const icd = 'http://hl7.org/fhir/sid/icd-10-cm';

async function expand(system: string, include: object = {}, query = '') {
  const compose = { include: [{ system, ...include }] };
  const body = { resourceType: 'ValueSet', status: 'active', compose };
  const answer = await http.send('POST', `/fhir/ValueSet/$expand${query}`, { body });
  return answer.json.expansion?.contains?.map(({ code }: any) => code) ?? answer.json.issue?.[0]?.code;
}

beforeAll(async () => {
  http = await serveTerminology();
  folder = await mkdtemp(path.join(tmpdir(), 'terminology-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await http.close();
});

describe('a file that cannot be loaded loads nothing', () => {
  const v = { version: '1' };
  test.each<[string, string, Record<string, string>]>([
    ['an unknown format', '', { format: 'xls', ...v }],
    ['a release without its version', cvxText, { format: 'cvx' }],
    ['a record of another shape', `${cvxText}\nonly|three|fields`, { format: 'cvx', ...v }],
    ['a code twice', `${cvxText}\r\n${cvxText}`, { format: 'cvx', ...v }],
    ['an empty file', '', { format: 'cvx', ...v }],
    ['a line without end', `${cvxText}\n${'x'.repeat(limits.terminology.loadLine + 1)}`, { format: 'cvx', ...v }],
    ['a NUL', cvxText.replace('pox', 'p\0x'), { format: 'cvx', ...v }],
    ['no order file', `${icdText}\nnot a record`, { format: 'icd10cm', ...v }],
    ['a missing column', loincText.replace('LONG_COMMON_NAME', 'NAME'), { format: 'loinc', ...v }],
    ['an open quote', `${loincText}\n"99992-7","x`, { format: 'loinc', ...v }],
    ['too few fields', `${loincText}\n"99992-7"`, { format: 'loinc', ...v }],
    ['JSON that breaks off', '{"resourceType": "CodeSystem"', {}],
    ['a resource of another type', '{"resourceType": "Patient"}', {}],
    ['a CodeSystem without status', '{"resourceType": "CodeSystem", "url": "urn:c", "content": "complete"}', {}],
    ['a ValueSet without a url', '{"resourceType": "ValueSet", "status": "active"}', {}],
    ['a url with a NUL', '{"resourceType": "ValueSet", "status": "active", "url": "urn:\\u0000"}', {}],
    ['a FHIR file with a version', '{"resourceType": "ValueSet", "status": "active", "url": "urn:v"}', v],
  ])('%s', async (_, text, options) => {
    expect(await load('broken', text, options)).toMatchObject({ ok: false });
    const left = await http.store.query('SELECT 1 FROM terminology_system UNION ALL SELECT 1 FROM terminology_concept');
    expect(left).toHaveLength(0);
    expect((await get('CodeSystem')).json.entry ?? []).toHaveLength(0);
  });

  test('a Bundle whose last entry is broken', async () => {
    const good = { resourceType: 'ValueSet', url: 'urn:good', status: 'active' };
    const entry = [{ resource: good }, { resource: { resourceType: 'ValueSet', url: 'urn:bad' } }];
    const bundle = { resourceType: 'Bundle', type: 'collection', entry };
    expect(await load('bundle.json', JSON.stringify(bundle))).toMatchObject({ ok: false });
    expect((await get('ValueSet?url=urn:good')).json.entry ?? []).toHaveLength(0);
  });

  test('bytes that are no text, and a file that is not there', async () => {
    const bytes = Buffer.from([0x39, 0x30, 0xc3, 0x28]);
    expect(await load('bytes', bytes, { format: 'cvx', ...v })).toMatchObject({ ok: false });
    const gone = { arguments: { file: path.join(folder, 'gone') }, text: () => undefined, store: http.store };
    expect(await command?.run({ ...gone, print: () => {}, progress: () => {} })).toMatchObject({ ok: false });
  });
});

describe('CVX', () => {
  test('is loaded, also from UTF-16, and loading again replaces the version', async () => {
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(cvxText, 'utf16le')]);
    expect(await load('cvx.txt', utf16, { format: 'cvx', version: '20200102' })).toMatchObject({ ok: true });
    expect(printed.at(-1)).toBe(`${cvx} version 20200102: 2 concepts`);
    expect(await expand(cvx)).toEqual(['901', '902']);
    expect(await expand(cvx, {}, '?activeOnly=true')).toEqual(['901']);
    const fewer = cvxText.split('\r\n')[0] ?? '';
    expect(await load('cvx.txt', fewer, { format: 'cvx', version: '20200102' })).toMatchObject({ ok: true });
    expect(await rows(cvx)).toBe(1);
    const stub = await get(`CodeSystem?url=${q(cvx)}`);
    expect(stub.json.entry.map(({ resource }: any) => [resource.content, resource.count])).toEqual([
      ['not-present', 1],
    ]);
  });

  test('of a broken file leaves the version before in place, and a newer version wins', async () => {
    const broken = `${cvxText}\nnonsense`;
    expect(await load('cvx.txt', broken, { format: 'cvx', version: '20200102' })).toMatchObject({ ok: false });
    expect(await expand(cvx)).toEqual(['901']);
    expect(await load('cvx.txt', cvxText, { format: 'cvx', version: '20210102' })).toMatchObject({ ok: true });
    expect(await expand(cvx)).toEqual(['901', '902']);
    expect(await expand(cvx, { version: '20200102' })).toEqual(['901']);
    expect(await expand(cvx, { version: '19990101' })).toBe('not-found');
  });
});

describe('ICD-10-CM', () => {
  test('has dots, parents from the codes, and billable as a property', async () => {
    expect(await load('order.txt', icdText, { format: 'icd10cm', version: '2021' })).toMatchObject({ ok: true });
    const filter = (property: string, op: string, value: string) => ({ filter: [{ property, op, value }] });
    expect(await expand(icd, filter('concept', 'descendent-of', 'X90'))).toEqual(['X90.0', 'X90.1', 'X90.1A']);
    expect(await expand(icd, filter('billable', '=', 'true'))).toEqual(['X90.0', 'X90.1A', 'X91']);
    expect(await expand(icd, filter('code', 'regex', 'X90\\..'))).toEqual(['X90.0', 'X90.1']);
    expect(await expand(icd, {}, '?filter=inv%20NIGHT')).toEqual(['X90.1A']);
    expect(await expand(icd, {}, '?filter=x90.1')).toEqual(['X90.1', 'X90.1A']);
    const subsumed = await get(`CodeSystem/$subsumes?system=${q(icd)}&codeA=X90.1A&codeB=X90`);
    expect(out(subsumed, 'outcome')).toBe('subsumed-by');
    const found = await get(`CodeSystem/$lookup?system=${q(icd)}&code=X90.1A&property=billable`);
    expect(out(found, 'display')).toBe('Invented complaint, severe, at night');
    expect(found.json.parameter.at(-1).part).toContainEqual({ name: 'value', valueBoolean: true });
  });
});

test('LOINC: quoted fields with commas, quotes and line ends', async () => {
  expect(await load('Loinc.csv', loincText, { format: 'loinc', version: '9.99' })).toMatchObject({ ok: true });
  const found = await get('CodeSystem/$lookup?system=http://loinc.org&code=99990-1');
  expect(out(found, 'display')).toBe('Play time, "free", per day');
  const nap = await get('CodeSystem/$validate-code?url=http://loinc.org&code=99991-9');
  expect([out(nap, 'result'), out(nap, 'display')]).toEqual([true, 'Nap\ntime']);
  expect(await expand('http://loinc.org', { filter: [{ property: 'CLASS', op: '=', value: 'FUN' }] })).toHaveLength(2);
  expect(await expand('http://loinc.org', {}, '?activeOnly=true')).toEqual(['99990-1']);
});

test('FHIR: a small system stays a resource, a large one goes to the tables, and loading again adds nothing', async () => {
  const small = { resourceType: 'CodeSystem', url: 'urn:small', status: 'active', content: 'complete' };
  const concept = Array.from({ length: 12_000 }, (_, index) => ({
    code: `n${index}`,
  }));
  const nested = [{ code: 'top', display: 'Top', concept }];
  const entry = [
    { resource: { ...small, concept: [{ code: 'a' }] } },
    { resource: { ...small, url: 'urn:large', version: '1', concept: nested } },
    {
      resource: {
        resourceType: 'ValueSet',
        url: 'urn:both',
        status: 'active',
        compose: { include: [{ system: 'urn:small' }] },
      },
    },
  ];
  const text = JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry });
  for (const _ of [1, 2]) {
    expect(await load('all.json', text)).toMatchObject({ ok: true });
    expect((await get('CodeSystem?url=urn:small,urn:large')).json.entry).toHaveLength(2);
    expect(await rows('urn:large')).toBe(concept.length + 1);
    expect(await rows('urn:small')).toBe(0);
  }
  expect((await get('ValueSet/$expand?url=urn:both')).json.expansion.contains).toEqual([
    { system: 'urn:small', code: 'a' },
  ]);
  const below = { filter: [{ property: 'concept', op: 'descendent-of', value: 'top' }] };
  expect(await expand('urn:large', below)).toHaveLength(concept.length);
  // A pattern is looked for past the first rows read.
  const pattern = { filter: [{ property: 'code', op: 'regex', value: 'n1?1998' }] };
  expect(await expand('urn:large', pattern)).toEqual(['n1998', 'n11998']);
});
