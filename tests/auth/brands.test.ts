import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readBrands } from '../../src/auth/brands/read-brands.ts';
import { createValidator } from '../../src/fhir/validate.ts';
import { siteBrands } from '../../src/site-brands.ts';
import { openTestHouse, type TestHouse, unwrap } from '../support/house.ts';

const good = { identifier: 'https://kids.example', name: 'Invented Children’s', website: 'https://kids.example/' };

describe('a file of brands that is refused', () => {
  test.each<[string, unknown]>([
    ['no JSON', '{'],
    ['a list', []],
    ['no brands', { brands: [] }],
    ['a brand that is text', { brands: ['x'] }],
    ['no name', { brands: [{ ...good, name: ' ' }] }],
    ['an identifier over http', { brands: [{ ...good, identifier: 'http://kids.example' }] }],
    ['a logo that is a script', { brands: [{ ...good, logo: 'javascript:alert(1)' }] }],
    ['a website that is none', { brands: [{ ...good, website: 'kids' }] }],
    ['a name that nobody knows', { brands: [{ ...good, colour: 'blue' }] }],
    ['a place with a street', { brands: [{ ...good, places: [{ street: 'x' }] }] }],
    ['a portal over http', { brands: [{ ...good, portal: { url: 'http://kids.example/' } }] }],
    ['two with one identifier', { brands: [good, good] }],
  ])('%s', (_name, content) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    const answer = readBrands(text, 'https://plans.example');
    expect(answer).toMatchObject({
      ok: false,
      error: { kind: 'invalid', issues: [{ text: expect.stringMatching(/^BRANDS_FILE cannot be used: .*\.$/) }] },
    });
  });

  test('one that is not there', () => {
    const answer = siteBrands({ brandsFile: '/nowhere/brands.json', publicUrl: 'https://plans.example' }, new Date());
    expect(answer).toMatchObject({ ok: false, error: { kind: 'invalid' } });
  });
});

describe('the brands of a site', () => {
  let house: TestHouse;
  let folder: string;
  const asked = (headers: Record<string, string> = {}) => fetch(`${house.url}/brands/bundle.json`, { headers });
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'careweave-brands-'));
    const file = join(folder, 'brands.json');
    const portal = {
      name: 'Kids’ portal',
      url: 'https://kids.example/portal',
      whoMayConnect: 'Guardians; teens from 12.',
    };
    const places = [{ city: 'Anytown', state: 'ZZ', postalCode: '00000' }];
    const second = { ...good, identifier: 'https://clinic.example', name: 'Clinic', aliases: ['The clinic'] };
    const logo = 'https://kids.example/logo.svg';
    writeFileSync(file, JSON.stringify({ brands: [{ ...good, portal, places, logo }, second] }));
    house = await openTestHouse({ env: { BRANDS_FILE: file } });
  });
  afterAll(async () => {
    await house?.shut();
    rmSync(folder, { recursive: true, force: true });
  });

  test('SC-180: public, for every origin, and the identifier of discovery is that of exactly one Organization', async () => {
    const answer = await asked({ Origin: 'https://anywhere.example' });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
    expect(answer.headers.get('content-type')).toMatch(/^application\/fhir\+json/);
    const bundle: any = await answer.json();
    expect([bundle.resourceType, bundle.type]).toEqual(['Bundle', 'collection']);
    expect(bundle.timestamp).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    const discovery: any = await (await fetch(`${house.url}/fhir/.well-known/smart-configuration`)).json();
    expect(discovery.user_access_brand_bundle).toBe(`${house.url}/brands/bundle.json`);
    const identifier = discovery.user_access_brand_identifier;
    const resources: any[] = bundle.entry.map((entry: any) => entry.resource);
    const organizations = resources.filter(({ resourceType }) => resourceType === 'Organization');
    const named = organizations.filter((one) =>
      one.identifier.some((own: any) => own.system === identifier.system && own.value === identifier.value),
    );
    expect(named.map(({ name }) => name)).toEqual([good.name]);
    expect(new Set(bundle.entry.map(({ fullUrl }: any) => fullUrl)).size).toBe(resources.length);
  });

  test('SC-180: every portal’s endpoint is its Organization’s, in the Bundle, and answers as FHIR', async () => {
    const bundle: any = await (await asked()).json();
    const resources: any[] = bundle.entry.map((entry: any) => entry.resource);
    const endpoints = resources.filter(({ resourceType }) => resourceType === 'Endpoint');
    for (const organization of resources.filter(({ resourceType }) => resourceType === 'Organization')) {
      const portals = organization.extension.filter(({ url }: any) => url.endsWith('organization-portal'));
      expect(portals).toHaveLength(1);
      const references = portals.flatMap(({ extension }: any) =>
        extension
          .filter(({ url }: any) => url === 'portalEndpoint')
          .map(({ valueReference }: any) => valueReference.reference),
      );
      expect(organization.endpoint.map(({ reference }: any) => reference)).toEqual(references);
      for (const reference of references) expect(endpoints.map(({ id }) => `Endpoint/${id}`)).toContain(reference);
    }
    for (const { address } of endpoints) {
      const statement: any = await (await fetch(`${address}/metadata`)).json();
      expect(statement.resourceType).toBe('CapabilityStatement');
    }
  });

  test('SC-180: a weak ETag, and 304 to who has it', async () => {
    const etag = (await asked()).headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"[\w-]+"$/);
    for (const known of [etag, etag.slice(2), `"x", ${etag}`, '*']) {
      const again = await asked({ 'If-None-Match': known });
      expect([known, again.status, await again.text()]).toEqual([known, 304, '']);
    }
    expect((await asked({ 'If-None-Match': 'W/"other"' })).status).toBe(200);
  });

  test('SC-181: says who may connect', async () => {
    const text = await (await asked()).text();
    expect(text).toContain('Guardians; teens from 12.');
    // The second brand says nothing of its own.
    expect(text).toContain('Parents and guardians of the children in our care');
  });

  test('SC-180: is valid FHIR', async () => {
    const bundle: any = await (await asked()).json();
    const validate = createValidator(join(import.meta.dirname, '../../build/fhir'));
    for (const { resource } of bundle.entry)
      expect([resource.resourceType, validate(resource).filter(({ severity }) => severity !== 'warning')]).toEqual([
        resource.resourceType,
        [],
      ]);
  });
});

test('SC-180: a site that has written no brands has one, made from its address', () => {
  const { discovery } = unwrap(siteBrands({ publicUrl: 'https://plans.example' }, new Date(0)));
  expect(discovery.user_access_brand_identifier.value).toBe('https://plans.example');
});
