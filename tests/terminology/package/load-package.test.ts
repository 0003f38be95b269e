import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { modelLibrary, partsXml } from '../../measures/models/example.ts';
import { openTestHouse, type TestHouse } from '../../support/house.ts';
import { type Entry, tarOf } from './make-tar.ts';

let house: TestHouse;
let folder: string;
beforeAll(async () => {
  house = await openTestHouse();
  folder = mkdtempSync(join(tmpdir(), 'careweave-package-'));
});
afterAll(async () => {
  await house?.shut();
  rmSync(folder, { recursive: true, force: true });
});

const base = 'http://guide.example';
const manifest = {
  name: 'example.guide',
  version: '1.0.0',
  fhirVersions: ['4.0.1'],
  dependencies: { 'hl7.fhir.r4.core': '4.0.1' },
};
const json = (name: string, value: unknown): Entry => ({ name: `package/${name}`, body: JSON.stringify(value) });

const resources = {
  'StructureDefinition-flavored.json': {
    resourceType: 'StructureDefinition',
    id: 'flavored',
    url: `${base}/StructureDefinition/flavored`,
    version: '1.0.0',
    name: 'Flavored',
    status: 'active',
    kind: 'resource',
    abstract: false,
    type: 'Basic',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Basic',
    derivation: 'constraint',
    differential: {
      element: [
        {
          id: 'Basic.code',
          path: 'Basic.code',
          binding: { strength: 'required', valueSet: `${base}/ValueSet/sweets` },
        },
        { id: 'Basic.created', path: 'Basic.created', min: 1 },
        {
          id: 'Basic.extension:taste',
          path: 'Basic.extension',
          sliceName: 'taste',
          max: '1',
          type: [{ code: 'Extension', profile: [`${base}/StructureDefinition/taste`] }],
        },
      ],
    },
  },
  'StructureDefinition-taste.json': {
    resourceType: 'StructureDefinition',
    url: `${base}/StructureDefinition/taste`,
    name: 'Taste',
    status: 'active',
    kind: 'complex-type',
    abstract: false,
    type: 'Extension',
    context: [{ type: 'element', expression: 'Basic' }],
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Extension',
    derivation: 'constraint',
    differential: {
      element: [{ id: 'Extension.value[x]', path: 'Extension.value[x]', min: 1, type: [{ code: 'boolean' }] }],
    },
  },
  'ValueSet-sweets.json': {
    resourceType: 'ValueSet',
    url: `${base}/ValueSet/sweets`,
    version: '1.0.0',
    status: 'active',
    compose: {
      include: [{ system: `${base}/CodeSystem/tastes`, filter: [{ property: 'concept', op: 'is-a', value: 'sweet' }] }],
    },
  },
  'CodeSystem-tastes.json': {
    resourceType: 'CodeSystem',
    url: `${base}/CodeSystem/tastes`,
    version: '1.0.0',
    status: 'active',
    content: 'complete',
    concept: [{ code: 'sweet', concept: [{ code: 'honey' }] }, { code: 'sour' }],
  },
  'SearchParameter-basic-created-by.json': {
    resourceType: 'SearchParameter',
    url: `${base}/SearchParameter/taste`,
    name: 'taste',
    status: 'active',
    description: 'x',
    code: 'taste',
    base: ['Basic'],
    type: 'token',
    expression: `Basic.extension.where(url = '${base}/StructureDefinition/taste').value`,
  },
};

const others: Entry[] = [
  json('.index.json', { 'index-version': 1, files: [] }),
  json('ImplementationGuide-x.json', { resourceType: 'ImplementationGuide' }),
  { name: 'package/example/Patient-bad.json', body: '{' },
  { name: 'package/._junk.json', body: '{' },
  { name: 'package/readme.txt', body: 'x' },
];

const guide = (more: Entry[] = []): Entry[] => [
  ...Object.entries(resources).map(([name, value]) => json(name, value)),
  ...others,
  ...more,
  json('package.json', manifest),
];

let count = 0;
function archive(entries: readonly Entry[], change = (bytes: Buffer) => bytes): string {
  count += 1;
  const place = join(folder, `${count}.tgz`);
  writeFileSync(place, change(gzipSync(tarOf(entries))));
  return place;
}

const load = (place: string, ...options: string[]) =>
  house.command('package', 'load', place, ...options).catch((fault: Error) => fault.message);

async function validated(resource: object, profile?: string): Promise<string[]> {
  const asked = profile === undefined ? '' : `?profile=${encodeURIComponent(profile)}`;
  const { json: outcome } = await house.fhir('POST', `/Basic/$validate${asked}`, resource);
  return outcome.issue
    .filter(({ code }: any) => code !== 'informational')
    .map(({ severity, code }: any) => `${severity} ${code}`);
}

const basic = (code: string, more: object = {}) => ({
  resourceType: 'Basic',
  code: { coding: [{ system: `${base}/CodeSystem/tastes`, code }] },
  ...more,
});
const flavored = `${base}/StructureDefinition/flavored`;

describe('refused, and nothing loaded', () => {
  const bad = (name: string, value: unknown) => archive(guide([json(name, value)]));
  test.each<[string, () => string, RegExp]>([
    ['nothing there', () => join(folder, 'none.tgz'), /cannot be read/],
    ['an empty file', () => archive([], () => Buffer.alloc(0)), /no package/],
    ['another file', () => archive([], () => Buffer.from('{"resourceType":"Bundle"}')), /no package/],
    ['half of one', () => archive(guide(), (bytes) => bytes.subarray(0, bytes.length >> 1)), /damaged|too early/],
    ['no package.json', () => archive(guide().slice(0, -1)), /no package\/package.json/],
    [
      'a package of something else',
      () => archive([json('package.json', { name: 'left-pad', version: '1.0.0' })]),
      /no fhirVersions/,
    ],
    [
      'a package without a name',
      () => archive([json('package.json', { ...manifest, name: '../x' })]),
      /name and version/,
    ],
    [
      'a package for R5',
      () => archive([json('package.json', { ...manifest, fhirVersions: ['5.0.0'] })]),
      /another version of FHIR/,
    ],
    ['a name that leads out', () => archive([...guide(), { name: 'package/../../x.json', body: '{}' }]), /leads out/],
    ['a link', () => archive([...guide(), { name: 'package/x.json', type: '2' }]), /link/],
    [
      'a resource that is no JSON',
      () => archive([...guide(), { name: 'package/x.json', body: '{' }]),
      /x\.json is no JSON/,
    ],
    [
      'a resource with __proto__',
      () => archive([...guide(), { name: 'package/x.json', body: '{"__proto__":{}}' }]),
      /x\.json is no JSON/,
    ],
    [
      'a resource that is not UTF-8',
      () => archive([...guide(), { name: 'package/x.json', body: Buffer.from([0xff, 0xfe]) }]),
      /not UTF-8/,
    ],
    ['a resource without a url', () => bad('x.json', { resourceType: 'ValueSet', status: 'active' }), /no url/],
    [
      'a resource that is not valid',
      () => bad('x.json', { resourceType: 'ValueSet', url: `${base}/x`, status: 'sour' }),
      /ValueSet.status/,
    ],
  ])('%s', async (_name, place, words) => {
    const said = await load(place());
    expect(said).toMatch(words);
    expect(said).toMatch(/Nothing was loaded\.$/);
    for (const type of ['StructureDefinition', 'ValueSet', 'CodeSystem'])
      expect((await house.fhir('GET', `/${type}?url:below=${base}&_summary=count`)).json.total).toBe(0);
    expect(await validated(basic('sour'), flavored)).toEqual(['error not-found']);
  });

  test('a folder with a link', async () => {
    const place = join(folder, 'linked');
    mkdirSync(join(place, 'package'), { recursive: true });
    writeFileSync(join(place, 'package', 'package.json'), JSON.stringify(manifest));
    symlinkSync('/etc/hostname', join(place, 'package', 'x.json'));
    expect(await load(place)).toMatch(/link/);
  });
});

describe('loaded', () => {
  test('says what it has done, and works at once', async () => {
    expect(await validated(basic('sour'), flavored)).toEqual(['error not-found']);
    const said = await load(archive(guide()));
    expect(said).toContain(
      'Package example.guide 1.0.0: 2 profiles and extensions, 1 value sets, 1 code systems, 1 search parameters.',
    );
    expect(said).toContain('1 resources of other types were left out.');
    expect(said).toContain('It builds on: hl7.fhir.r4.core 4.0.1.');
    expect((await validated(basic('sour'), flavored)).sort()).toEqual(['error code-invalid', 'error required']);
    const claimed = basic('sour', { created: '2024', meta: { profile: [`${flavored}|1.0.0`] } });
    expect(await validated(claimed)).toEqual(['error code-invalid']);
    expect((await house.fhir('POST', '/Basic', claimed)).status).toBe(422);
    const taste = { url: `${base}/StructureDefinition/taste`, valueString: 'x' };
    expect((await house.fhir('POST', '/Basic', { ...basic('honey'), extension: [taste] })).status).toBe(422);
    const good = basic('honey', { created: '2024', meta: { profile: [flavored] } });
    expect((await house.fhir('POST', '/Basic', good)).status).toBe(201);
    const found = await house.fhir('GET', `/Basic?code:in=${base}/ValueSet/sweets`);
    expect(found.json.total ?? found.json.entry).toHaveLength(1);
    const expanded = await house.fhir('GET', `/ValueSet/$expand?url=${base}/ValueSet/sweets`);
    expect(expanded.json.expansion.total).toBe(2);
  });

  test('again, from its folder: the same, and no second copy', async () => {
    const place = join(folder, 'unpacked');
    mkdirSync(join(place, 'package'), { recursive: true });
    for (const { name, body = '' } of guide().filter(({ name: one }) => one.split('/').length === 2))
      writeFileSync(join(place, name), body);
    expect(await load(place)).toContain('2 profiles and extensions');
    expect(await load(join(place, 'package'))).toContain('2 profiles and extensions');
    expect((await house.fhir('GET', `/StructureDefinition?url=${flavored}&_summary=count`)).json.total).toBe(1);
    expect((await house.fhir('GET', `/StructureDefinition?url=${flavored}|1.0.0`)).json.entry[0].resource.version).toBe(
      '1.0.0',
    );
  });

  test('a newer version stands beside it: a claim by version means that one, one without the newest', async () => {
    const newer = structuredClone(resources['StructureDefinition-flavored.json']);
    newer.version = '2.0.0';
    newer.differential.element = [{ id: 'Basic.author', path: 'Basic.author', min: 1 } as never];
    await load(archive([json('a.json', newer), json('package.json', { ...manifest, version: '2.0.0' })]));
    expect(await validated(basic('sour', { created: '2024', meta: { profile: [`${flavored}|1.0.0`] } }))).toEqual([
      'error code-invalid',
    ]);
    expect(await validated(basic('sour', { meta: { profile: [flavored] } }))).toEqual(['error required']);
  });

  test('with what is not valid left out and named, when asked', async () => {
    const bad = json('x.json', { resourceType: 'ValueSet', url: `${base}/bad`, status: 'bitter' });
    const type = json('y.json', { ...resources['StructureDefinition-flavored.json'], derivation: 'specialization' });
    const clash = json('z.json', {
      ...resources['SearchParameter-basic-created-by.json'],
      url: `${base}/clash`,
      code: '_id',
    });
    const said = await load(archive(guide([bad, type, clash])), '--leave-out-invalid');
    expect(said).toMatch(/left out: ValueSet http:\/\/guide.example\/bad: .*ValueSet.status/);
    expect(said).toMatch(/left out: StructureDefinition .*no profile/);
    expect(said).toMatch(/left out: SearchParameter http:\/\/guide.example\/clash/);
    expect(said).not.toContain('bitter');
  });

  test('of Libraries those of model information, once, held to what they have to be', async () => {
    const logic = { ...modelLibrary('logic', partsXml), type: { coding: [{ code: 'logic-library' }] } };
    const parts = archive([
      json('a.json', modelLibrary('parts', partsXml)),
      json('b.json', logic),
      json('package.json', manifest),
    ]);
    expect(await load(parts)).toContain('1.0.0: 1 model definitions.');
    expect(await load(parts)).toContain('1 resources of other types were left out.');
    expect((await house.fhir('GET', '/Library?url:below=http://example.org/Library&_summary=count')).json.total).toBe(
      1,
    );
    const broken = json('a.json', modelLibrary('broken', '<modelInfo'));
    expect(await load(archive([broken, json('package.json', manifest)]))).toContain('not well-formed');
  });

  test('a code system without its concepts leaves the loaded ones alone', async () => {
    const file = join(folder, 'codes.json');
    const concept = Array.from({ length: 6000 }, (_, at) => ({ code: `c${at}` }));
    const system = {
      resourceType: 'CodeSystem',
      url: `${base}/CodeSystem/large`,
      version: '1',
      status: 'active',
      content: 'complete',
      concept,
    };
    writeFileSync(file, JSON.stringify(system));
    await house.command('terminology', 'load', file);
    const { concept: _, ...stub } = { ...system, content: 'not-present' };
    await load(archive([json('a.json', stub), json('package.json', manifest)]));
    const looked = await house.fhir('GET', `/CodeSystem/$lookup?system=${base}/CodeSystem/large&code=c5999`);
    expect(looked.status).toBe(200);
  });
});
