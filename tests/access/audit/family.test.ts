import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { wordCoding, words } from '../../../src/access/audit/words.ts';
import { addRole } from '../../../src/access/policy/roles.ts';
import { unwrap } from '../../support/house.ts';
import { openPrivacyHouse, type PrivacyHouse } from '../support/privacy-house.ts';

let house: PrivacyHouse;
const teen = 'Patient/pv-confidential-visit';
const mother = 'RelatedPerson/pv-confidential-visit-mother';
const aunt = 'RelatedPerson/pv-confidential-visit-aunt';
const doctor = 'Practitioner/pv-doctor';
const officer = 'Practitioner/pv-officer';
const hidden = '/Observation/pv-confidential-visit-chlamydia-result';
const vaccine = '/Immunization/pv-confidential-visit-hpv';

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load('confidential-visit', 'part-2');
  unwrap(await addRole(house.store, 'Practitioner/pv-emergency', 'break-glass'));
}, 60_000);
afterAll(() => house.shut());

/** The log as one viewer reads it. */
async function log(who: string, parameters = '') {
  const answer = await house.as(who, 'GET', `/${teen}/$access-log${parameters}`);
  const events = (answer.json.parameter ?? []).filter(({ name }: any) => name === 'event');
  return { ...answer, events: events.map(({ part }: any) => told(part)) };
}

function told(part: any[]) {
  const codes = (wanted: string) =>
    part.filter(({ name }) => name === wanted).map(({ valueCoding }) => valueCoding.code);
  return {
    who: codes('who')[0],
    action: codes('action')[0],
    what: codes('what'),
    emergency: part.some(({ name }) => name === 'emergency'),
  };
}

describe('PP-48 the log that a family reads', () => {
  test('PP-48 a clinician, an app and a stranger do not get it', async () => {
    expect((await house.as(doctor, 'GET', `/${teen}/$access-log`)).status).toBe(403);
    expect((await house.as('system', 'GET', `/${teen}/$access-log`)).status).toBe(403);
    const other = await house.as('Patient/pv-part-2', 'GET', `/${teen}/$access-log`);
    const never = await house.as('Patient/pv-part-2', 'GET', '/Patient/never-was/$access-log');
    expect([other.status, never.status, other.json]).toEqual([404, 404, never.json]);
  });

  test('PP-48 a parent is told of what is shown to her and not of what is hidden: not by a line, not by a count', async () => {
    await house.as(doctor, 'GET', vaccine);
    const before = await log(mother);
    expect(before.events).toContainEqual({ who: 'staff', action: 'viewed', what: ['vaccines'], emergency: false });
    house.at('2026-11-23T12:10:00-05:00');
    await house.as(doctor, 'GET', hidden);
    await house.as(doctor, 'GET', `/Observation?patient=${teen}`);
    await house.as(doctor, 'GET', `/${teen}/$everything`);
    await house.as('system', 'GET', `/Encounter?patient=${teen}&_summary=count`);
    // By then she has looked into the log, which is not a look at the record.
    const after = await log(mother);
    expect(after.text).toBe(before.text);
  });

  test('PP-48 the young person is told of everything', async () => {
    const { events } = await log(teen);
    expect(events).toContainEqual({ who: 'staff', action: 'viewed', what: ['results'], emergency: false });
    expect(events.filter(({ what }: any) => what.includes('vaccines')).length).toBeGreaterThan(1);
    expect(events).toContainEqual({ who: 'app', action: 'viewed', what: ['nothing'], emergency: false });
  });

  test('PP-48 PP-07 neither proxy is told of the other, nor of what the young person looks at', async () => {
    const before = await log(mother);
    await house.as(aunt, 'GET', vaccine);
    await house.as(teen, 'GET', vaccine);
    expect((await log(mother)).text).toBe(before.text);
    expect((await log(aunt)).events[0]).toMatchObject({ who: 'you', what: ['vaccines'] });
    const forTeen = (await log(teen)).events.slice(0, 2);
    expect(forTeen.map(({ who }: any) => who)).toEqual(['you', 'family']);
  });

  test('PP-48 a record that is hidden later takes its lines with it', async () => {
    const id = 'pv-confidential-visit-weight';
    await house.as(doctor, 'GET', `/Observation/${id}`);
    expect((await log(mother)).events[0]).toMatchObject({ what: ['results'] });
    const { json } = await house.as('system', 'GET', `/Observation/${id}`);
    const label = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'SEX' };
    await house.as('system', 'PUT', `/Observation/${id}`, { ...json, meta: { ...json.meta, security: [label] } });
    expect((await log(mother)).events.filter(({ what }: any) => what.includes('results'))).toEqual([]);
  });

  test('PP-48 names of people are not in it, and a page ends where it was asked to', async () => {
    const { text } = await log(teen);
    expect(text).not.toMatch(/Sorrel|Pia|pv-doctor/);
    const page = await log(teen, '?_count=1');
    expect([page.events.length, page.json.parameter.at(-1)]).toEqual([1, { name: 'more', valueBoolean: true }]);
    expect((await log(teen, '?since=tomorrow')).status).toBe(400);
    expect((await log(teen, '?until=2020')).events).toEqual([]);
  });

  test('PP-48 the words are those of the code system', () => {
    const file = join(import.meta.dirname, '../../../profiles/code-systems/access-log.json');
    const system = JSON.parse(readFileSync(file, 'utf8'));
    expect(words.map(wordCoding).map(({ code, display }) => ({ code, display }))).toEqual(system.concept);
  });
});

describe('PP-61 emergency access in the trail', () => {
  test('PP-61 its begin is recorded, and every read that it made possible is flagged', async () => {
    const who = 'Practitioner/pv-emergency';
    const parameter = [
      { name: 'reason', valueCode: 'ETREAT' },
      { name: 'explanation', valueString: 'unconscious' },
    ];
    await house.as(who, 'GET', vaccine);
    const opened = await house.as(who, 'POST', '/Patient/pv-part-2/$break-glass', {
      resourceType: 'Parameters',
      parameter,
    });
    expect(opened.status).toBe(200);
    expect((await house.as(who, 'GET', '/MedicationRequest/pv-part-2-buprenorphine')).status).toBe(200);
    await house.as(who, 'GET', vaccine);
    const search = (more: string) => house.as(officer, 'GET', `/AuditEvent?agent=${who}&${more}`);
    const started = await search('subtype=110127');
    expect(started.json.entry).toHaveLength(1);
    expect(started.json.entry[0].resource.entity).toContainEqual(
      expect.objectContaining({ what: { reference: 'Patient/pv-part-2' } }),
    );
    const purposes = ({ resource }: any) => resource.purposeOfEvent?.map(({ coding }: any) => coding[0].code);
    const [read] = (await search('patient=pv-part-2&subtype=read')).json.entry;
    expect(purposes(read)).toEqual(['BTG']);
    // It ends by the clock; that is told once, however often is sealed.
    expect((await search('subtype=110138')).json.entry).toBeUndefined();
    house.at('2026-11-23T18:00:00-05:00');
    const { json: ends } = await search('subtype=110138');
    expect(ends.entry.map(({ resource }: any) => resource.entity[0].what)).toEqual([
      { reference: 'Patient/pv-part-2' },
    ]);
    expect((await search('subtype=110138')).json.entry).toHaveLength(1);
    // The other child's record was not opened by it.
    const others = (await search('patient=pv-confidential-visit&subtype=read')).json.entry;
    expect(others.map(purposes)).toEqual([undefined, undefined]);
  });
});

describe('PP-70 who searches the trail', () => {
  test.each([mother, aunt, teen, doctor, 'Practitioner/pv-emergency', 'system'])('PP-70 %s may not', async (who) => {
    const one = await house.as(officer, 'GET', '/AuditEvent?_count=1');
    const id = one.json.entry[0].resource.id;
    for (const path of [
      '/AuditEvent',
      `/AuditEvent/${id}`,
      '/AuditEvent/999999999',
      `/${teen}/AuditEvent`,
      '/AuditEvent?patient=never-was',
    ])
      expect([path, (await house.as(who, 'GET', path)).status]).toEqual([path, 403]);
    expect((await house.as(who, 'GET', `/${teen}/$disclosures`)).status).toBe(403);
  });

  test('PP-70 nobody writes it, and no other path leads to it', async () => {
    for (const who of [officer, 'system', doctor]) {
      const event = { resourceType: 'AuditEvent', id: '1' };
      for (const [method, path] of [
        ['POST', '/AuditEvent'],
        ['PUT', '/AuditEvent/1'],
        ['DELETE', '/AuditEvent/1'],
        ['GET', '/AuditEvent/1/_history'],
      ] as const)
        expect([method, (await house.as(who, method, path, method === 'GET' ? undefined : event)).status]).toEqual([
          method,
          405,
        ]);
    }
    const inside = {
      resourceType: 'AuditEvent',
      type: { code: 'rest' },
      recorded: '2026-11-23T12:00:00Z',
      agent: [{ requestor: true }],
      source: { observer: { display: 'x' } },
    };
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ resource: inside, request: { method: 'POST', url: 'AuditEvent' } }],
    };
    expect((await house.as('system', 'POST', '', bundle)).status).toBe(405);
    const search = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ request: { method: 'GET', url: 'AuditEvent' } }],
    };
    expect((await house.as(officer, 'POST', '', search)).status).toBe(405);
    const everything = await house.as('system', 'GET', `/${teen}/$everything?_count=1000`);
    expect(everything.text).not.toContain('AuditEvent');
    const included = await house.as(
      'system',
      'GET',
      `/Patient?_id=pv-confidential-visit&_revinclude=AuditEvent:patient`,
    );
    expect(included.text).not.toContain('"AuditEvent"');
  });

  test('PP-70 the capability statement says what the trail answers to', async () => {
    const { json } = await house.as(officer, 'GET', '/metadata');
    const entry = json.rest[0].resource.find(({ type }: any) => type === 'AuditEvent');
    expect(entry.interaction).toEqual([{ code: 'read' }, { code: 'search-type' }]);
    for (const { name } of entry.searchParam) {
      const answer = await house.as(
        officer,
        'GET',
        `/AuditEvent?${name}=${name === 'date' ? '2026' : 'Patient/x'}&_count=1`,
      );
      expect([name, answer.status]).toEqual([name, 200]);
    }
    expect(JSON.stringify(json)).not.toContain('AuditEvent:');
    expect((await house.as(officer, 'GET', '/AuditEvent?site=x')).status).toBe(400);
  });

  test('PP-70 an event is a valid AuditEvent, and says what BALP asks for', async () => {
    await house.as(doctor, 'GET', `/Immunization?patient=${teen}&status=completed`);
    const { json } = await house.as(officer, 'GET', `/AuditEvent?agent=${doctor}&subtype=search-type&_count=1`);
    const [{ resource: event }] = json.entry;
    // BALP's own code for the id of a request is a warning to R4.
    const issues = await house.validate(event, { reader: house.store });
    expect(issues.filter(({ expression }) => expression?.[0] !== 'AuditEvent.entity[0].type')).toEqual([]);
    expect(event).toMatchObject({
      type: { code: 'rest' },
      subtype: [{ code: 'search-type' }],
      action: 'E',
      outcome: '0',
    });
    const [person, client, server] = event.agent;
    expect(person).toMatchObject({
      who: { reference: doctor },
      requestor: true,
      policy: ['urn:careweave:privacy-policy:careweave-default-3'],
    });
    expect(client).toMatchObject({
      who: { identifier: { value: 'app' } },
      requestor: false,
      network: { address: '127.0.0.1' },
    });
    expect(server.who.display).toBe('Careweave');
    const codes = event.entity.map(({ type, role }: any) => `${type.code} ${role?.code ?? ''}`.trim());
    expect(codes).toEqual(['XrequestId', '1 1', '2 4', '2 24']);
    expect(Buffer.from(event.entity[3].query, 'base64').toString()).toBe(
      `GET /fhir/Immunization?patient=${teen}&status=completed`,
    );
    const again = await house.as(officer, 'GET', `/AuditEvent/${event.id}`);
    expect(again.json).toEqual(event);
  });

  test('PP-70 a page of many children has one patient entity for each', async () => {
    await house.as('system', 'GET', '/Patient?_id=pv-confidential-visit,pv-part-2&_elements=id');
    const { json } = await house.as(officer, 'GET', '/AuditEvent?patient=pv-part-2&subtype=search-type&_count=1');
    const patients = json.entry[0].resource.entity.filter(({ role }: any) => role?.code === '1');
    expect(patients.map(({ what }: any) => what.reference)).toEqual([
      'Patient/pv-confidential-visit',
      'Patient/pv-part-2',
    ]);
  });

  test('PP-70 pages go on where the last one ended, for the same caller only; searching is in the trail itself', async () => {
    const first = await house.as(officer, 'GET', '/AuditEvent?_count=3&date=ge2026-01-01');
    const next = first.json.link.find(({ relation }: any) => relation === 'next').url.replace(`${house.url}/fhir`, '');
    const second = await house.as(officer, 'GET', next);
    const ids = [...first.json.entry, ...second.json.entry].map(({ resource }: any) => Number(resource.id));
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
    expect((await house.as(doctor, 'GET', next)).status).toBe(403);
    const { json } = await house.as(officer, 'GET', '/AuditEvent?type=110101&outcome=0&_count=1');
    expect(json.entry[0].resource.agent[0].who.reference).toBe(officer);
  });
});

describe('PP-71 accounting of disclosures', () => {
  test('PP-71 says to whom what was told, when, why and by which policy; by the operation and by the command alike', async () => {
    const { json } = await house.as(officer, 'GET', '/Patient/pv-part-2/$disclosures');
    const emergency = json.parameter.find(({ part }: any) =>
      part.some(({ valueString }: any) => valueString === 'Practitioner/pv-emergency'),
    );
    const value = (name: string) => emergency.part.find((one: any) => one.name === name);
    expect(value('client').valueString).toBe('app');
    expect(value('what').valueCoding.code).toBe('medicines');
    expect(value('purpose').valueCoding.code).toBe('BTG');
    expect(value('policy').valueString).toBe('careweave-default-3');
    const lines = (await house.command('audit', 'disclosures', '--patient', 'pv-part-2'))
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual(
      expect.objectContaining({
        person: 'Practitioner/pv-emergency',
        kinds: ['medicines'],
        purposes: ['BTG'],
        policy: 'careweave-default-3',
      }),
    );
  });

  test('PP-71 the whole chain of what this file did holds, by the command', async () => {
    expect(JSON.parse(await house.command('audit', 'verify'))).toMatchObject({ holds: true, waiting: 0 });
    await expect(house.command('audit', 'prune', '--before', '2025-01-01')).rejects.toThrow('kept for 6 years');
  });
});
