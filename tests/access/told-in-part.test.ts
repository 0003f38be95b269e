import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PolicyDocument } from '../../src/access/policy/document.ts';
import { openPrivacyHouse, type PrivacyHouse } from './support/privacy-house.ts';

/** One item of an answered form, one activity of a plan, labelled by itself (PP-34): who is told the rest, and that nothing tells of it. */
let house: PrivacyHouse;
let directory: string;
const doctor = 'Practitioner/pv-doctor';
/** Whom the young person allows what is of a Part 2 program. */
const specialist = 'Practitioner/pv-specialist';
const father = 'RelatedPerson/pv-part-2-father';
const teen = 'Patient/pv-part-2';
const subject = { reference: 'Patient/pv-part-2' };
const act = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const url = 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label';
const inline = (code: string) => ({ extension: [{ url, valueCoding: { system: act, code } }] });
const part2 = inline('42CFRPart2');
const div = (words: string) => ({
  status: 'generated',
  div: `<div xmlns="http://www.w3.org/1999/xhtml">${words}</div>`,
});
const answer = (linkId: string, words: string, more: object = {}) => ({
  linkId,
  answer: [{ valueString: words }],
  ...more,
});
const form = {
  resourceType: 'QuestionnaireResponse',
  id: 'parts-form',
  text: div('sleeps, and takes secretine'),
  status: 'completed',
  subject,
  authored: '2026-11-01',
  item: [
    answer('sleep', 'sleeps well'),
    answer('program', 'takes secretine', part2),
    { linkId: 'group', item: [answer('school', 'likes school'), answer('doses', 'secretine twice', part2)] },
  ],
};
const plan = {
  resourceType: 'CarePlan',
  id: 'parts-plan',
  status: 'active',
  intent: 'plan',
  subject,
  text: div('swimming and secretine'),
  contained: [{ resourceType: 'Task', id: 'inner', status: 'requested', intent: 'plan', description: 'secretine' }],
  activity: [
    { detail: { status: 'scheduled', code: { coding: [{ system: 'urn:x', code: 'swim' }] }, description: 'swimming' } },
    {
      detail: { status: 'scheduled', code: { coding: [{ system: 'urn:x', code: 'hush' }] }, description: 'secretine' },
      ...part2,
    },
    { reference: { reference: '#inner' }, ...part2 },
    { reference: { reference: 'Task/parts-task' }, ...part2 },
  ],
};
const task = { resourceType: 'Task', id: 'parts-task', status: 'requested', intent: 'plan', for: subject };
const secrets = /secretine|hush|42CFR|program|doses|inner|inline-sec/;

const get = (who: string, path: string) => house.as(who, 'GET', path);
const put = async (who: string, resource: { resourceType: string; id: string }, headers: Record<string, string> = {}) =>
  house.as(who, 'PUT', `/${resource.resourceType}/${resource.id}`, resource, headers);
const names = ({ json }: { json: any }) =>
  (json.entry ?? []).map(({ resource }: any) => `${resource.resourceType}/${resource.id}`);
const codes = (some: any[] = []) => some.map(({ code }) => code);

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load('part-2');
  directory = mkdtempSync(join(tmpdir(), 'careweave-parts-'));
  for (const one of [task, form, plan]) expect([one.id, (await put('system', one)).status]).toEqual([one.id, 201]);
}, 60_000);
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await house.shut();
});

describe('PP-34 a record of which parts alone are hidden', () => {
  test('PP-34 is told without them, and says that something is left out, not what', async () => {
    for (const [path, left] of [
      [
        '/QuestionnaireResponse/parts-form',
        [answer('sleep', 'sleeps well'), { linkId: 'group', item: [answer('school', 'likes school')] }],
      ],
      ['/CarePlan/parts-plan', [plan.activity[0]]],
    ] as const) {
      const told = await get(doctor, path);
      expect([told.status, told.json.item ?? told.json.activity]).toEqual([200, left]);
      expect(told.text).not.toMatch(secrets);
      expect([told.json.text, told.json.contained, told.json.meta.security]).toEqual([undefined, undefined, undefined]);
      expect(codes(told.json.meta.tag)).toEqual(['SUBSETTED']);
    }
  });

  test('PP-34 is told whole to who may see the category of the parts', async () => {
    for (const who of [specialist, 'Practitioner/pv-officer']) {
      const told = await get(who, '/QuestionnaireResponse/parts-form');
      expect([who, told.json.item, told.json.meta.tag]).toEqual([who, form.item, undefined]);
      expect([who, (await get(who, '/CarePlan/parts-plan')).json.activity]).toEqual([who, plan.activity]);
    }
  });

  test('PP-34 PP-33 a family is told whole records only, and no label', async () => {
    expect((await get(father, '/QuestionnaireResponse/parts-form')).status).toBe(404);
    const undiscussed = {
      ...form,
      text: undefined,
      id: 'parts-undiscussed',
      item: [answer('a', 'news', inline('TBOO')), answer('b', 'old')],
    };
    expect((await put('system', undiscussed)).status).toBe(201);
    expect((await get(teen, '/QuestionnaireResponse/parts-undiscussed')).status).toBe(404);
    const own = await get(teen, '/QuestionnaireResponse/parts-form');
    expect([own.status, own.text.includes('secretine'), own.text.includes(url)]).toEqual([200, true, false]);
  });

  test('PP-34 is withheld as a whole where the whole is of the category too: by a label, by a code, by what it comes from', async () => {
    const encounter = { reference: 'Encounter/pv-part-2-program-visit' };
    const labelled = { meta: { security: [{ system: act, code: '42CFRPart2' }] } };
    const elsewhere = { identifier: { system: 'urn:x', value: '1', ...part2 } };
    for (const [at, more] of [{ encounter }, labelled, elsewhere].entries()) {
      const id = `parts-whole-${at}`;
      expect((await put('system', { ...form, id, ...more })).status).toBe(201);
      expect([at, (await get(doctor, `/QuestionnaireResponse/${id}`)).status]).toEqual([at, 404]);
      expect([at, names(await get(doctor, `/QuestionnaireResponse?_id=${id}`))]).toEqual([at, []]);
      expect([at, (await get(specialist, `/QuestionnaireResponse/${id}`)).status]).toEqual([at, 200]);
    }
    const other = {
      ...form,
      id: 'parts-other',
      item: [answer('a', 'notes', inline('PSYTHPN')), answer('b', 'x', part2)],
    };
    expect((await put('system', other)).status).toBe(201);
    expect((await get(doctor, '/QuestionnaireResponse/parts-other')).json.item).toBeUndefined();
    expect((await get(specialist, '/QuestionnaireResponse/parts-other')).json.item).toEqual([other.item[1]]);
  });

  test('PP-34 PP-43 is withheld as a whole where a part says whose it is', async () => {
    const owner = { ...plan, id: 'parts-owner', contained: undefined };
    const performer = [{ reference: 'Patient/pv-part-2' }];
    const [first] = plan.activity;
    const more = {
      ...first,
      detail: { ...first?.detail, performer: [{ reference: 'Patient/pv-part-2-other' }] },
      ...part2,
    };
    expect((await put('system', { resourceType: 'Patient', id: 'pv-part-2-other' })).status).toBe(201);
    expect((await put('system', { ...owner, activity: [first, more] } as any)).status).toBe(201);
    expect((await get(doctor, '/CarePlan/parts-owner')).status).toBe(404);
    const same = { ...more, detail: { ...first?.detail, performer } };
    expect((await put('system', { ...owner, activity: [first, same] } as any)).status).toBe(200);
    expect((await get(doctor, '/CarePlan/parts-owner')).json.activity).toEqual([first]);
  });
});

describe('PP-34 searches', () => {
  const searches = [
    'CarePlan?_id=parts-plan',
    'CarePlan?_id=parts-plan&subject=Patient/pv-part-2&activity-code=swim',
    'QuestionnaireResponse?_id=parts-form&authored=2026-11-01',
    'Patient/pv-part-2/QuestionnaireResponse?_id=parts-form',
    '?_type=Observation,CarePlan,QuestionnaireResponse&_id=parts-form',
    'QuestionnaireResponse?_content=school&_id=parts-form',
    'Patient?_id=pv-part-2&_revinclude=CarePlan:subject&_has:CarePlan:subject:activity-code=swim',
  ];
  test.each(searches)('PP-34 PP-41 %s finds it and tells it in part', async (search) => {
    const found = await get(doctor, `/${search}&_total=accurate`);
    expect([found.status, found.json.total]).toEqual([200, 1]);
    expect(found.text).not.toMatch(secrets);
    expect(names(found).some((name: string) => /parts-/.test(name))).toBe(true);
    const posted = await house.as(doctor, 'POST', '', {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'GET', url: search.replace(/^\?/, '?') } }],
    });
    expect(posted.text).not.toMatch(secrets);
  });

  test.each([
    'CarePlan?activity-code=hush',
    'CarePlan?activity-reference=Task/parts-task',
    'CarePlan?_content=secretine',
    'CarePlan?_text=secretine',
    'CarePlan?_filter=activity-code eq hush',
    'CarePlan?_security=42CFRPart2',
    'Task?_has:CarePlan:activity-reference:status=active',
    'Patient?_has:CarePlan:subject:activity-code=hush',
    'QuestionnaireResponse?_content=secretine',
    'QuestionnaireResponse?_text=secretine',
  ])('PP-34 PP-42 %s finds nothing by a hidden part, for anybody', async (search) => {
    for (const who of [doctor, specialist, 'system']) {
      const found = await get(who, `/${encodeURI(search)}${search.includes('_') ? '&_count=5' : ''}&_total=accurate`);
      expect([who, found.status, found.json.total ?? found.text]).toEqual([who, 200, 0]);
    }
  });

  test('PP-34 PP-43 nothing is included by a hidden part', async () => {
    for (const include of [
      '_include=CarePlan:activity-reference',
      '_include=*',
      '_include=CarePlan:activity-reference&_include:iterate=*',
    ])
      expect(names(await get(doctor, `/CarePlan?_id=parts-plan&${include}`))).not.toContain('Task/parts-task');
    expect(names(await get(doctor, '/Task?_id=parts-task&_revinclude=*'))).not.toContain('CarePlan/parts-plan');
  });

  test('PP-34 PP-43 what refers to it is told with the reference, and is found by it', async () => {
    const goal = {
      resourceType: 'Task',
      id: 'parts-based',
      status: 'requested',
      intent: 'plan',
      for: subject,
      basedOn: [{ reference: 'CarePlan/parts-plan' }],
    };
    expect((await put('system', goal)).status).toBe(201);
    const told = await get(doctor, '/Task/parts-based');
    // By the plan it takes over what is of the plan's parts, and so is hidden itself.
    expect(told.status).toBe(404);
    const flag = {
      resourceType: 'Communication',
      id: 'parts-about',
      status: 'completed',
      subject,
      about: [{ reference: 'CarePlan/parts-plan' }],
    };
    expect((await put('system', flag)).status).toBe(201);
    expect((await get(doctor, '/Communication/parts-about')).json.about).toEqual(flag.about);
  });
});

describe('PP-34 its versions', () => {
  test('PP-34 those before are told whole or not at all, since a part may have had no label then', async () => {
    const id = 'parts-versions';
    const open = { ...form, id, item: form.item.map(({ linkId }) => answer(linkId, 'secretine')) };
    expect((await put('system', open)).status).toBe(201);
    expect((await put('system', { ...form, id })).status).toBe(200);
    expect((await put('system', { ...form, id, status: 'amended' } as any)).status).toBe(200);
    const path = `/QuestionnaireResponse/${id}/_history`;
    const status = async (who: string, version: number) => (await get(who, `${path}/${version}`)).status;
    expect([await status(doctor, 1), await status(doctor, 2), await status(doctor, 3)]).toEqual([404, 404, 200]);
    expect((await get(doctor, `${path}/3`)).text).not.toMatch(secrets);
    const history = await get(doctor, path);
    expect(history.json.entry.map(({ resource }: any) => resource.meta.versionId)).toEqual(['3']);
    expect(history.text).not.toMatch(secrets);
    expect([await status(specialist, 1), await status(specialist, 2)]).toEqual([200, 200]);
    const all = await get(doctor, '/QuestionnaireResponse/_history?_count=500');
    const its = all.json.entry.filter(({ resource }: any) => resource?.id === id);
    expect([its.map(({ resource }: any) => resource.meta.versionId), all.text.includes('secretine')]).toEqual([
      ['3'],
      false,
    ]);
  });

  test('PP-34 deleted, it is gone for who saw it whole, and never was for others', async () => {
    const id = 'parts-deleted';
    expect((await put('system', { ...form, id })).status).toBe(201);
    expect((await house.as('system', 'DELETE', `/QuestionnaireResponse/${id}`)).status).toBe(204);
    expect((await get(doctor, `/QuestionnaireResponse/${id}`)).status).toBe(404);
    expect((await get(specialist, `/QuestionnaireResponse/${id}`)).status).toBe(410);
    expect((await get(doctor, `/QuestionnaireResponse/${id}/_history`)).status).toBe(404);
  });
});

describe('PP-34 writing what was told in part', () => {
  const path = '/QuestionnaireResponse/parts-form';
  test('PP-34 is refused in every way, and nothing is lost', async () => {
    const { json: told } = await get(doctor, path);
    const { tag: _tag, ...meta } = told.meta;
    const patch = [{ op: 'replace', path: '/status', value: 'amended' }];
    const bundle = (type: string, request: object, resource?: object) =>
      house.as(doctor, 'POST', '', {
        resourceType: 'Bundle',
        type,
        entry: [{ request, ...(resource && { resource }) }],
      });
    const answers = [
      await put(doctor, told),
      await put(doctor, { ...told, meta }),
      await put(doctor, { ...told, meta: undefined }, { 'If-Match': `W/"${told.meta.versionId}"` }),
      await house.as(doctor, 'PATCH', path, patch, { 'Content-Type': 'application/json-patch+json' }),
      await house.as(doctor, 'DELETE', path),
      await bundle('transaction', { method: 'PUT', url: path.slice(1) }, { ...told, meta }),
      await bundle('transaction', { method: 'DELETE', url: path.slice(1) }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 422, 422, 422, 422]);
    for (const { text } of answers) expect(text).not.toMatch(/secretine|Part2/);
    expect((await get(specialist, path)).json.item).toEqual(form.item);
  });

  test('PP-34 PP-31 whoever is told all of it writes it, and the label stays', async () => {
    const id = 'parts-written';
    expect((await put('system', { ...form, id })).status).toBe(201);
    const [sleep, program, group] = form.item;
    const { extension: _extension, ...bare } = program as any;
    expect((await put(specialist, { ...form, id, item: [sleep, bare, group] } as any)).status).toBe(200);
    expect((await get(doctor, `/QuestionnaireResponse/${id}`)).text).not.toMatch(secrets);
    const spoken = { ...bare, answer: [{ valueString: 'no secretine any more' }] };
    expect((await put(specialist, { ...form, id, item: [sleep, spoken] } as any)).status).toBe(200);
    const told = await get(doctor, `/QuestionnaireResponse/${id}`);
    expect([told.json.item, told.text.includes('secretine')]).toEqual([[sleep], false]);
    expect((await put(specialist, { ...form, id, text: undefined, item: [sleep] } as any)).status).toBe(200);
    const whole = await get(doctor, `/QuestionnaireResponse/${id}`);
    expect([whole.json.item, whole.json.meta.tag]).toEqual([[sleep], undefined]);
  });
});

describe('PP-34 what cannot tell a part withholds the whole', () => {
  test.each([
    ['GET', '/CarePlan/parts-plan/$document'],
    ['GET', '/CarePlan/parts-plan/$family-preview?viewer=RelatedPerson/pv-part-2-father'],
    ['POST', '/QuestionnaireResponse/parts-form/$extract'],
    ['GET', '/QuestionnaireResponse/parts-form/$labels'],
  ])('PP-34 PP-45 %s %s tells nothing of a part', async (method, path) => {
    const told = await house.as(doctor, method, path, method === 'POST' ? { resourceType: 'Parameters' } : undefined);
    expect([told.text.includes('secretine'), told.text.includes('/parts-form')]).toEqual([false, false]);
  });
});

describe('PP-34 what else answers with records as they are', () => {
  const bundle = (who: string, type: string, entry: object) =>
    house.as(who, 'POST', '', { resourceType: 'Bundle', type, entry: [entry] });

  test.each(['/Patient/pv-part-2/$everything', '/QuestionnaireResponse/_history?_count=200', '/_history?_count=1000'])(
    'PP-34 PP-45 %s tells it in part',
    async (path) => {
      const told = await get(doctor, path);
      const versions = told.json.entry.filter(({ resource }: any) => resource?.id === 'parts-form');
      expect([versions.length, told.text.includes('secretine')]).toEqual([1, false]);
      expect(codes(versions[0].resource.meta.tag)).toEqual(['SUBSETTED']);
      expect((await get(specialist, path)).text).toContain('secretine');
    },
  );

  test('PP-34 $meta and a transaction tell it in part', async () => {
    const meta = await get(doctor, '/QuestionnaireResponse/parts-form/$meta');
    expect(codes(meta.json.parameter[0].valueMeta.tag)).toEqual(['SUBSETTED']);
    for (const type of ['batch', 'transaction']) {
      const read = (who: string) =>
        bundle(who, type, { request: { method: 'GET', url: 'QuestionnaireResponse/parts-form' } });
      const told = await read(doctor);
      expect([told.text.includes('sleeps well'), told.text.includes('secretine')]).toEqual([true, false]);
      expect((await read(specialist)).text).toContain('secretine');
    }
  });

  test('PP-34 a conditional write meets it, is told it in part, and changes nothing', async () => {
    const identifier = { system: 'urn:x', value: 'parts-conditional' };
    const stored = { ...form, id: 'parts-conditional', identifier };
    expect((await put('system', stored)).status).toBe(201);
    const criteria = 'identifier=urn:x|parts-conditional';
    const { id: _id, ...fresh } = stored;
    const created = await house.as(
      doctor,
      'POST',
      '/QuestionnaireResponse',
      { ...fresh, item: undefined },
      { 'If-None-Exist': criteria },
    );
    expect([created.status, created.json.id, created.text.includes('secretine')]).toEqual([
      200,
      'parts-conditional',
      false,
    ]);
    const within = await bundle(doctor, 'transaction', {
      request: { method: 'POST', url: 'QuestionnaireResponse', ifNoneExist: criteria },
      resource: { ...fresh, item: undefined },
    });
    expect([within.status, within.text.includes('secretine')]).toEqual([200, false]);
    const path = `/QuestionnaireResponse?${criteria}`;
    expect((await house.as(doctor, 'PUT', path, { ...fresh, item: undefined })).status).toBe(422);
    expect((await house.as(doctor, 'DELETE', path)).status).toBe(422);
    expect((await get(specialist, '/QuestionnaireResponse/parts-conditional')).json.item).toEqual(form.item);
  });
});

describe('PP-34 the policy', () => {
  test('PP-34 says by category who is let know that it was for privacy', async () => {
    const document: PolicyDocument = JSON.parse(await house.command('policy', 'show'));
    const { staff } = document.redactions;
    if (!staff) throw new Error('no redaction for staff');
    document.version = 'lets-know';
    staff.letsKnow = ['part2', 'nothing'];
    const file = join(directory, 'policy.json');
    writeFileSync(file, JSON.stringify(document));
    await expect(house.command('policy', 'load', file)).rejects.toThrow('a category that is not defined');
    staff.letsKnow = ['part2'];
    writeFileSync(file, JSON.stringify(document));
    await house.command('policy', 'load', file);
    house.access.forget();
    const told = await get(doctor, '/QuestionnaireResponse/parts-form');
    expect([codes(told.json.meta.security), codes(told.json.meta.tag)]).toEqual([['REDACTED'], ['SUBSETTED']]);
    const notes = { ...form, id: 'parts-notes', item: [answer('a', 'secretine', inline('PSYTHPN'))] };
    expect((await put('system', notes)).status).toBe(201);
    const other = await get(doctor, '/QuestionnaireResponse/parts-notes');
    expect([other.json.meta.security, codes(other.json.meta.tag)]).toEqual([undefined, ['SUBSETTED']]);
  });
});
