import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseJson } from '../../src/fhir/json.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { readArguments } from '../../src/sandbox/arguments.ts';
import { resourcesFrom } from '../../src/sandbox/load/bundle-ids.ts';
import { listenSandbox } from '../../src/sandbox/sandbox.ts';
import { bundleText, childId, clientKeys, entries, startTown } from './town.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bundle = () => parseJson(bundleText) as Resource;

describe('a restart', () => {
  test('forgets nothing that was written, keeps ids, versions, digits and keys', async () => {
    const keys = await clientKeys();
    const first = await startTown(bundle(), { stateDir: folder, keys });
    const ada = await childId(first, first.vendor, 'A1');
    const text = `{"resourceType":"ServiceRequest","status":"active","intent":"order","subject":{"reference":"Patient/${ada}"},"quantityQuantity":{"value":2.50}}`;
    const made = await first.ask(first.vendor, 'ServiceRequest', { method: 'POST', body: text });
    const path = String(made.headers.get('location')).slice(first.vendor.base.length + 1);
    const before = await first.ask(first.vendor, path);
    const plan = String(entries((await first.ask(first.open, 'CarePlan')).body)[0]?.id);
    await first.ask(first.open, `CarePlan/${plan}`, { method: 'DELETE' });
    const jwks = first.vendor.keys.jwks();
    await first.sandbox.close();

    const second = await startTown(bundle(), { stateDir: folder, keys });
    const after = await second.ask(second.vendor, path);
    expect(after.text).toBe(before.text);
    expect(after.text).toContain('2.50');
    expect(after.headers.get('etag')).toBe(made.headers.get('etag'));
    expect(await childId(second, second.vendor, 'A1')).toBe(ada);
    expect((await second.ask(second.vendor, `ServiceRequest?patient=${ada}`)).body.total).toBe(1);
    expect((await second.ask(second.open, `CarePlan/${plan}`)).status).toBe(404);
    expect(second.vendor.keys.jwks()).toEqual(jwks);
    await second.sandbox.close();
  });

  test('drops a line that a crash cut off, and goes on after it', async () => {
    const file = join(folder, 'lakeside.ndjson');
    const kept = { wrote: { resourceType: 'Patient', id: 'kept', meta: { versionId: '1' } } };
    writeFileSync(file, `${JSON.stringify(kept)}\n`);
    appendFileSync(file, '{"wrote":{"resourceType":"Pat');
    const sandbox = await listenSandbox({ port: 0, hospitals: [{ id: 'lakeside' }], stateDir: folder });
    expect(sandbox.hospitals[0]?.chart.has('Patient', 'kept')).toBe(true);
    await sandbox.close();
    expect(readFileSync(file, 'utf8')).toBe(`${JSON.stringify(kept)}\n`);
  });
});

describe('loading', () => {
  const entry = (resource: object, request: object, fullUrl?: string) => ({ fullUrl, resource, request });
  const source = (label: string, entry: object[]) => ({
    label,
    bundle: { resourceType: 'Bundle', type: 'transaction', entry },
  });
  const post = { method: 'POST', url: 'x' };

  test('a POST of the same id in two bundles makes two resources; a PUT and an If-None-Exist make one', () => {
    const organization = { resourceType: 'Organization', id: 'o', identifier: [{ system: 'urn:s', value: '1' }] };
    const posted = resourcesFrom('h', [
      source('a', [entry(organization, post)]),
      source('b', [entry(organization, post)]),
    ]);
    expect(new Set(posted.map((one) => one.id)).size).toBe(2);
    const put = { method: 'PUT', url: 'Organization/o' };
    const replaced = resourcesFrom('h', [
      source('a', [entry(organization, put)]),
      source('b', [entry(organization, put)]),
    ]);
    expect(new Set(replaced.map((one) => one.id)).size).toBe(1);
    const unless = { ...post, ifNoneExist: 'identifier=urn:s|1' };
    const once = resourcesFrom('h', [
      source('a', [entry(organization, unless)]),
      source('b', [entry(organization, unless)]),
    ]);
    expect(once).toHaveLength(1);
  });

  test('references find their target by fullUrl in any spelling, by address, across bundles, and by condition', () => {
    const target = { resourceType: 'Patient', id: 'p', identifier: [{ system: 'urn:s', value: '1' }] };
    const shared = { resourceType: 'Organization', id: 'o' };
    const references = [
      'urn:uuid:ABC',
      'Patient/p',
      'Organization/o',
      'Patient?identifier=urn:s|1',
      'Patient/unknown',
      '#inside',
    ];
    const list = {
      resourceType: 'List',
      id: 'l',
      entry: references.map((reference) => ({ item: { reference } })),
      title: 'Patient/p',
    };
    const loaded = resourcesFrom('h', [
      source('a', [entry(shared, { method: 'PUT', url: 'Organization/o' })]),
      source('b', [entry(list, post), entry(target, post, 'urn:uuid:ABC')]),
    ]);
    const idOf = (type: string) => `${type}/${loaded.find((one) => one.resourceType === type)?.id}`;
    const found = loaded.find((one) => one.resourceType === 'List');
    const items = (found?.entry ?? []) as { item: { reference: string } }[];
    expect(items.map((one) => one.item.reference)).toEqual([
      idOf('Patient'),
      idOf('Patient'),
      idOf('Organization'),
      idOf('Patient'),
      'Patient/unknown',
      '#inside',
    ]);
    expect(found?.title).toBe('Patient/p');
    expect(idOf('Patient')).not.toBe('Patient/p');
    expect(resourcesFrom('other', [source('b', [entry(target, post)])])[0]?.id).not.toBe(idOf('Patient').slice(8));
  });
});

describe('the command line', () => {
  test('refuses what it cannot serve, in one sentence', async () => {
    expect(() => readArguments(['--port', 'many'])).toThrow('--port needs a number');
    expect(() => readArguments(['--hospital', 'lakeside'])).toThrow('--hospital needs <id>=<value>.');
    expect(() => readArguments(['--bundles', join(folder, 'none')])).toThrow('there is no file or folder');
    expect(() => readArguments(['--client', 'x=/none'])).toThrow('there is no file /none');
    const start = (options: object) => listenSandbox({ port: 0, hospitals: [{ id: 'a', ...options }] });
    await expect(start({ personality: 'kind' })).rejects.toThrow('There is no personality "kind"');
    await expect(start({ id: 'A/B' })).rejects.toThrow('lower-case');
    writeFileSync(join(folder, 'x.json'), '{"resourceType":"Patient"}');
    await expect(start({ paths: [folder] })).rejects.toThrow('is not a FHIR Bundle');
  });

  test('has defaults for one hospital with the keys of Careweave', () => {
    const file = join(folder, 'x.json');
    writeFileSync(file, bundleText);
    const read = readArguments([
      '--bundles',
      folder,
      '--hospital',
      `summit:open=${file}`,
      '--careweave',
      'http://127.0.0.1:9/',
    ]);
    expect(read.hospitals).toEqual([
      { id: 'summit', personality: 'open', paths: [file] },
      { id: 'lakeside', personality: 'vendor', paths: [folder] },
    ]);
    expect(read.clients[0]).toMatchObject({
      id: 'careweave',
      jwks: { url: 'http://127.0.0.1:9/.well-known/jwks.json' },
      launchUrl: 'http://127.0.0.1:9/launch',
      redirectUris: ['http://127.0.0.1:9/launch/callback'],
    });
  });
});
