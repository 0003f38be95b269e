import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/base/clock.ts';
import { coreOperations } from '../../src/http/core-operations/index.ts';
import { createPageLinks } from '../../src/http/page-links.ts';
import { builtDefinitions } from '../fhir/support/built.ts';
import { startHttp, type TestHttp } from '../support/http.ts';
import { testTerminology } from '../terminology/support/serve.ts';

let http: TestHttp;
const system = 'http://codes.example/flavors';
const base = 'http://profiles.example';

beforeAll(async () => {
  const { terms, check, module } = testTerminology();
  const definitions = builtDefinitions();
  const pageLinks = createPageLinks(Buffer.alloc(32, 7), systemClock);
  const core = coreOperations({
    definitions,
    validate: check,
    baseUrl: 'http://x.example',
    pageLinks,
    clock: systemClock,
  });
  http = await startHttp(
    { terms, validate: check, operations: [...core, ...module.operations] },
    { effects: module.effects },
  );
});
afterAll(() => http?.close());

/** A world of its own: nothing that one test loads is there for another. */
let worlds = 0;
function world() {
  worlds += 1;
  const url = `${base}/${worlds}`;
  return {
    profile: `${url}/StructureDefinition/flavored`,
    valueSet: `${url}/ValueSet/flavors`,
    system: `${system}-${worlds}`,
    id: (name: string) => `${name}-${worlds}`,
  };
}
type World = ReturnType<typeof world>;

function codeSystem({ system: url, id }: World, ...codes: string[]) {
  const concept = codes.map((code) => ({ code, concept: [{ code: `${code}-deep` }] }));
  return { resourceType: 'CodeSystem', id: id('cs'), url, status: 'active', content: 'complete', concept };
}

/** All that is below `sweet`: no plain list. */
function valueSet({ valueSet: url, system: of, id }: World, of_ = 'sweet') {
  const include = [{ system: of, filter: [{ property: 'concept', op: 'is-a', value: of_ }] }];
  return { resourceType: 'ValueSet', id: id('vs'), url, status: 'active', compose: { include } };
}

function profile({ profile: url, valueSet: vs, id }: World, strength = 'required') {
  return {
    resourceType: 'StructureDefinition',
    id: id('sd'),
    url,
    name: 'Flavored',
    status: 'active',
    kind: 'resource',
    abstract: false,
    type: 'Basic',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Basic',
    derivation: 'constraint',
    differential: { element: [{ id: 'Basic.code', path: 'Basic.code', binding: { strength, valueSet: `${vs}|1` } }] },
  };
}

const basic = ({ profile: claimed, system: of }: World, code: string, more: object = {}) => ({
  resourceType: 'Basic',
  meta: { profile: [claimed] },
  code: { coding: [{ system: of, code }] },
  ...more,
});

async function put(resource: { resourceType: string; id: string }) {
  const answer = await http.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, { body: resource });
  if (answer.status >= 300) throw new Error(answer.text);
}

/** The issues of a write, of all severities, as `severity code`; and its status. */
async function write(body: object) {
  const headers = { Prefer: 'return=OperationOutcome' };
  const { status, json } = await http.send('POST', '/fhir/Basic', { body, headers });
  return { status, issues: issuesOf(json) };
}

function issuesOf(outcome: any): string[] {
  return outcome.issue
    .filter(({ code }: any) => code !== 'informational')
    .map(({ severity, code }: any) => `${severity} ${code}`)
    .sort();
}

describe('a required binding to what is no plain list', () => {
  test('a code outside of it is refused, by every kind of write; one inside is stored', async () => {
    const w = world();
    for (const one of [codeSystem(w, 'sweet', 'sour'), valueSet(w), profile(w)]) await put(one);
    const bad = basic(w, 'sour');
    const refused = { status: 422, issues: ['error code-invalid'] };
    expect(await write(bad)).toEqual(refused);
    expect(await write(basic(w, 'sweet-deep'))).toEqual({ status: 201, issues: [] });
    expect(await write(bad)).toEqual(refused);
    const update = await http.send('PUT', `/fhir/Basic/${w.id('b')}`, { body: { ...bad, id: w.id('b') } });
    expect(update.status).toBe(422);
    const good = await http.send('POST', '/fhir/Basic', { body: basic(w, 'sweet') });
    const patch = [{ op: 'replace', path: '/code/coding/0/code', value: 'sour' }];
    const headers = { 'Content-Type': 'application/json-patch+json' };
    const patched = await http.send('PATCH', `/fhir/Basic/${good.json.id}`, { text: JSON.stringify(patch), headers });
    expect(patched.status).toBe(422);
    for (const type of ['transaction', 'batch']) {
      const entry = [{ resource: bad, request: { method: 'POST', url: 'Basic' } }];
      const answer = await http.send('POST', '/fhir', { body: { resourceType: 'Bundle', type, entry } });
      expect(answer.text).toContain('code-invalid');
    }
    expect((await http.send('GET', `/fhir/Basic?code=${w.system}|sour&_summary=count`)).json.total).toBe(0);
  });

  test('what is not loaded is a warning and no error; $validate and the write agree at every step', async () => {
    const w = world();
    const agree = async (expected: string[], status: number) => {
      const body = basic(w, 'sour');
      const validated = await http.send('POST', '/fhir/Basic/$validate', { body });
      expect({ status, issues: issuesOf(validated.json) }).toEqual({ status, issues: expected });
      expect(await write(body)).toEqual({ status, issues: expected });
    };
    await agree(['warning not-found'], 201);
    await put(profile(w));
    await agree(['warning not-found'], 201);
    await put(valueSet(w));
    await agree(['warning not-found'], 201);
    await put(codeSystem(w, 'sweet', 'sour'));
    await agree(['error code-invalid'], 422);
    await put(valueSet(w, 'sour'));
    await agree([], 201);
    await put(codeSystem(w, 'sweet'));
    await agree(['warning not-found'], 201);
    await put(profile(w, 'extensible'));
    await agree(['information not-found'], 201);
    await put(valueSet(w));
    await agree(['warning code-invalid'], 201);
    await http.send('DELETE', `/fhir/StructureDefinition/${w.id('sd')}`);
    await agree(['warning not-found'], 201);
  });

  test('a code that its system does not have is refused too', async () => {
    const w = world();
    for (const one of [codeSystem(w, 'sweet'), valueSet(w), profile(w)]) await put(one);
    expect((await write(basic(w, 'bitter'))).issues).toEqual(['error code-invalid']);
    const elsewhere = basic(w, 'x', { code: { coding: [{ system: 'http://codes.example/none', code: 'x' }] } });
    expect((await write(elsewhere)).issues).toEqual(['error code-invalid']);
  });

  test('an element of type code has the system of its value set', async () => {
    const w = world();
    const languages = {
      ...profile(w),
      differential: {
        element: [
          { id: 'Basic.language', path: 'Basic.language', binding: { strength: 'required', valueSet: w.valueSet } },
        ],
      },
    };
    for (const one of [codeSystem(w, 'sweet', 'sour'), valueSet(w), languages]) await put(one);
    expect((await write(basic(w, 'x', { language: 'sour' }))).issues).toEqual(['error code-invalid']);
    expect((await write(basic(w, 'x', { language: 'sweet-deep' }))).issues).toEqual([]);
  });
});

test('a binding by version means that version where it is here, else the newest', async () => {
  const w = world();
  // The profile names version 1.
  const older = { ...valueSet(w, 'sour'), version: '1' };
  const newer = { ...valueSet(w), id: w.id('newer'), version: '2' };
  for (const one of [codeSystem(w, 'sweet', 'sour'), newer, profile(w)]) await put(one);
  expect((await write(basic(w, 'sour'))).status).toBe(422);
  await put(older);
  expect((await write(basic(w, 'sour'))).status).toBe(201);
  expect((await write(basic(w, 'sweet'))).status).toBe(422);
});

describe('what is remembered', () => {
  test('is not what a transaction saw that was undone', async () => {
    const w = world();
    for (const one of [codeSystem(w, 'sweet', 'sour'), valueSet(w), profile(w)]) await put(one);
    expect((await write(basic(w, 'sour'))).status).toBe(422);
    const good = await http.send('POST', '/fhir/Basic', { body: basic(w, 'sweet') });
    const change = [{ op: 'replace', path: '/code/coding/0/code', value: 'sour' }];
    const binary = {
      resourceType: 'Binary',
      contentType: 'application/json-patch+json',
      data: Buffer.from(JSON.stringify(change)).toString('base64'),
    };
    // The patch is validated inside of the transaction, which has widened the value set, and then fails.
    const entry = [
      { resource: valueSet(w, 'sour'), request: { method: 'PUT', url: `ValueSet/${w.id('vs')}` } },
      { resource: binary, request: { method: 'PATCH', url: `Basic/${good.json.id}` } },
      {
        resource: { resourceType: 'Basic', id: 'x', code: { text: 'x' } },
        request: { method: 'PUT', url: 'Basic/x', ifMatch: 'W/"9"' },
      },
    ];
    const undone = await http.send('POST', '/fhir', { body: { resourceType: 'Bundle', type: 'transaction', entry } });
    expect(undone.status).toBe(412);
    expect((await write(basic(w, 'sour'))).status).toBe(422);
    const whole = { resourceType: 'Bundle', type: 'transaction', entry: entry.slice(0, 2) };
    expect((await http.send('POST', '/fhir', { body: whole })).status).toBe(200);
    expect((await write(basic(w, 'sour'))).status).toBe(201);
  });

  test('is not what others asked meanwhile: whoever has seen a change answered sees it in the next answer', async () => {
    const w = world();
    for (const one of [codeSystem(w, 'sweet', 'sour'), valueSet(w), profile(w)]) await put(one);
    let isOver = false;
    const others = Array.from({ length: 6 }, async () => {
      const seen = new Set<number>();
      while (!isOver) seen.add((await write(basic(w, 'sour'))).status);
      return seen;
    });
    const answers: number[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      await put(valueSet(w, turn % 2 === 0 ? 'sour' : 'sweet'));
      answers.push((await write(basic(w, 'sour'))).status);
    }
    isOver = true;
    const seen = await Promise.all(others);
    expect(answers).toEqual(answers.map((_, turn) => (turn % 2 === 0 ? 201 : 422)));
    // Nothing but the two answers there are.
    for (const one of seen) expect([...one].every((status) => status === 201 || status === 422)).toBe(true);
  });

  test('is given up when another process changes something', async () => {
    const w = world();
    for (const one of [codeSystem(w, 'sweet', 'sour'), valueSet(w), profile(w)]) await put(one);
    expect((await write(basic(w, 'sour'))).status).toBe(422);
    // Another process: a room of its own, with its own effects, over the same database.
    const other = testTerminology();
    const loaded = await http.store.transact({ kind: 'system', id: 'other', requestId: 'other' }, async (tx) => {
      await other.module.effects[0]?.apply({ type: 'ValueSet', id: 'x', outcome: 'updated' }, tx);
      return tx.update(valueSet(w, 'sour'));
    });
    expect(loaded.ok).toBe(true);
    // Not at once, but soon: asked until it is noticed, and no longer than the test may take.
    let status = 422;
    while (status === 422) status = (await write(basic(w, 'sour'))).status;
    expect(status).toBe(201);
  });
});

describe('bounds', () => {
  const patient = (extension: object[], profile: string[] = []) => ({
    resourceType: 'Basic',
    ...(profile.length > 0 && { meta: { profile } }),
    ...(extension.length > 0 && { extension }),
    code: { text: 'x' },
  });
  const ext = (at: number | string) => ({ url: `http://x.example/${worlds}/${at}`, valueBoolean: true });
  test('more profiles and extensions than are looked up at a time are refused at once', async () => {
    world();
    const many = Array.from({ length: 20_000 }, (_, at) => ext(at));
    expect(await write(patient(many))).toEqual({ status: 422, issues: ['error too-costly'] });
    expect(
      await write(
        patient(
          [],
          many.map(({ url }) => url),
        ),
      ),
    ).toEqual({ status: 422, issues: ['error too-costly'] });
    expect((await write(patient(many.slice(0, 250)))).status).toBe(201);
  });
  test('what is long is looked up, and not remembered', async () => {
    const w = world();
    for (const one of [codeSystem(w, 'sweet'), valueSet(w), profile(w)]) await put(one);
    for (const _ of [1, 2])
      expect(await write(basic(w, 'x'.repeat(100_000)))).toEqual({ status: 422, issues: ['error code-invalid'] });
    expect((await write(patient([ext('y'.repeat(100_000))]))).status).toBe(201);
  });
});

describe('profiles that were posted', () => {
  test('derive from each other, by url and by url|version', async () => {
    const w = world();
    const child = {
      ...profile(w),
      id: w.id('child'),
      url: `${w.profile}-child`,
      version: '2',
      baseDefinition: w.profile,
      differential: { element: [{ id: 'Basic.author', path: 'Basic.author', min: 1 }] },
    };
    for (const one of [codeSystem(w, 'sweet', 'sour'), valueSet(w), profile(w), child]) await put(one);
    const claim = (canonical: string) => write(basic({ ...w, profile: canonical }, 'sour'));
    const both = { status: 422, issues: ['error code-invalid', 'error required'] };
    expect(await claim(child.url)).toEqual(both);
    expect(await claim(`${child.url}|2`)).toEqual(both);
    expect(await claim(`${child.url}|1`)).toEqual({ status: 201, issues: ['warning not-found'] });
    const asked = await http.send('POST', `/fhir/Basic/$validate?profile=${encodeURIComponent(child.url)}`, {
      body: { resourceType: 'Basic', code: { coding: [{ system: w.system, code: 'sour' }] } },
    });
    expect(issuesOf(asked.json)).toEqual(both.issues);
  });

  test('in a circle, or with nonsense in them, harm nobody', async () => {
    const w = world();
    const circle = { ...profile(w), baseDefinition: w.profile };
    await put(circle);
    expect((await write(basic(w, 'sour'))).status).toBe(201);
    const nonsense = {
      ...profile(w),
      differential: {
        element: [
          { id: 'Basic.code.coding.system.extension.value[x].code', path: 'Basic.code', min: 3, max: 'x' },
          {
            id: 'Basic.code',
            path: 'Basic.code',
            slicing: { discriminator: [{ type: 'value', path: '((((' }], rules: 'closed' },
            constraint: [{ key: 'x-1', severity: 'error', human: 'x', expression: '((((' }],
          },
        ],
      },
    };
    const stored = await http.send('PUT', `/fhir/StructureDefinition/${w.id('sd')}`, { body: nonsense });
    expect([200, 422]).toContain(stored.status);
    expect((await write(basic(w, 'sour'))).status).toBe(201);
  });

  test('cannot take the place of the base definitions', async () => {
    const w = world();
    const own = {
      ...profile(w),
      url: 'http://hl7.org/fhir/StructureDefinition/Basic',
      derivation: 'specialization',
      differential: { element: [{ id: 'Basic.author', path: 'Basic.author', min: 1 }] },
    };
    await put(own);
    const body = { resourceType: 'Basic', meta: { profile: [own.url] }, code: { text: 'x' } };
    expect((await http.send('POST', '/fhir/Basic', { body })).status).toBe(201);
    await http.send('DELETE', `/fhir/StructureDefinition/${own.id}`);
  });
});

describe('remarks', () => {
  test('are in the answer of a Bundle when it is asked for outcomes', async () => {
    const w = world();
    const body = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ resource: basic(w, 'x'), request: { method: 'POST', url: 'Basic' } }],
    };
    const answer = await http.send('POST', '/fhir', { body, headers: { Prefer: 'return=OperationOutcome' } });
    expect(issuesOf(answer.json.entry[0].response.outcome)).toEqual(['warning not-found']);
    const plain = await http.send('POST', '/fhir', { body });
    expect(plain.json.entry[0].response.outcome).toBeUndefined();
  });

  test('never repeat a value', async () => {
    const w = world();
    for (const one of [codeSystem(w, 'sweet'), valueSet(w), profile(w)]) await put(one);
    const answer = await http.send('POST', '/fhir/Basic', { body: basic(w, 'Mustermann') });
    expect(answer.status).toBe(422);
    expect(answer.text).not.toContain('Mustermann');
  });
});
