import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fullTime, loadOf } from '../../../src/care/program/caseload.ts';
import type { Enrollment } from '../../../src/care/program/enrollment.ts';
import { readEnrollment } from '../../../src/care/program/enrollment.ts';
import { moved, plannedEnrollment } from '../../../src/care/program/moved.ts';
import { personMonths, type Standing } from '../../../src/care/program/person-months.ts';
import { stretchesOf } from '../../../src/care/program/program-report.ts';
import { type Candidate, ranked } from '../../../src/care/program/propose-manager.ts';
import { openPrograms, type Programs } from './town.ts';

let at: Programs;
beforeAll(async () => {
  at = await openPrograms('2026-05-01T09:00:00Z');
});
afterAll(() => at.close());

const enroll = (child: string, more: Record<string, string> = {}) =>
  at.post(`Patient/${child}/$enroll`, { program: 'HealthcareService/regional', ...more });
const active = (child: string, manager = 'gus-regional') => ({
  status: 'active',
  careManager: `PractitionerRole/${manager}`,
  consent: `Consent/yes-${child}`,
});
const move = async (id: string, more: Record<string, string>) => {
  const answer = await at.post(`EpisodeOfCare/${id}/$move-enrollment`, more);
  expect(answer.status).toBe(200);
};
const on = (day: string) => {
  at.now.at = new Date(`${day}T12:00:00Z`);
};
const get = (path: string) => at.send('GET', `/fhir/${path}`);
/** Parameters as plain objects: names to values, repeated ones as lists. */
const plain = (parts: any[] = []): any => {
  const found: any = {};
  for (const { name, part, ...value } of parts) {
    const one = part ? plain(part) : ((Object.values(value)[0] as any)?.reference ?? Object.values(value)[0]);
    found[name] = [...(found[name] ?? []), one];
  }
  return found;
};
const asked = async (path: string) => plain((await get(path)).json.parameter);

describe('S0.4 control and treated months', () => {
  test('S0.4 a child eligible on 1 Feb and enrolled on 1 May has 3 control months and then treated months in the export', async () => {
    on('2026-05-01');
    const child = await at.child();
    await enroll(child, { ...active(child), eligibleFrom: '2026-02-01' });
    on('2026-07-15');
    const { personMonth } = await asked('HealthcareService/regional/$person-months');
    const own = personMonth.filter((one: any) => one.patient[0] === `Patient/${child}`);
    expect(own.map((one: any) => [one.month[0], one.state[0]])).toEqual([
      ['2026-02', 'control'],
      ['2026-03', 'control'],
      ['2026-04', 'control'],
      ['2026-05', 'treated'],
      ['2026-06', 'treated'],
      ['2026-07', 'treated'],
    ]);
    expect(own.at(-1)).toMatchObject({ treatedDays: [15], controlDays: [0] });
    const march = await asked('HealthcareService/regional/$person-months?start=2026-03&end=2026-03');
    expect(march.personMonth).toHaveLength(1);
    expect((await get('HealthcareService/regional/$person-months?start=2026-13')).status).toBe(400);
    expect((await get('HealthcareService/no-such/$person-months')).status).toBe(404);
  });

  test('S0.5 a declined child stays among those who could be enrolled, one who is not eligible does not', () => {
    const planned = plannedEnrollment({
      patientId: 'x',
      programId: 'p',
      organization: 'Organization/o',
      eligibleFrom: '2026-01-10',
    });
    const months = (reason: string) =>
      personMonths([readEnrollment(moved(planned, { status: 'cancelled', reason, on: '2026-02-05' }))], {
        start: '2026-01',
        end: '2026-03',
        today: '2026-03-31',
      }).map(({ month, state, days }) => [month, state, days.control]);
    expect(months('declined')).toEqual([
      ['2026-01', 'none', 22],
      ['2026-02', 'control', 28],
      ['2026-03', 'control', 31],
    ]);
    expect(months('not-eligible')).toEqual([
      ['2026-01', 'none', 22],
      ['2026-02', 'control', 4],
    ]);
  });

  test('S0.4 after any life, every day since eligibility is told once, as the same rule said day by day has it', () => {
    const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10);
    const lives = fc
      .tuple(fc.nat(40), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 0, maxLength: 4 }), fc.boolean())
      .map(([first, gaps, declines]) => ({ first, gaps, declines }));
    fc.assert(
      fc.property(lives, ({ first, gaps, declines }) => {
        const statuses = declines ? (['cancelled'] as const) : (['active', 'onhold', 'active', 'finished'] as const);
        let episode = plannedEnrollment({
          patientId: 'x',
          programId: 'p',
          organization: 'Organization/o',
          eligibleFrom: day(first),
        });
        const diary: Standing[] = [];
        const words: Record<string, Standing> = {
          planned: 'control',
          active: 'treated',
          onhold: 'on-hold',
          cancelled: 'control',
          finished: 'ended',
        };
        let now = first;
        let status: string = 'planned';
        for (let d = 0; d < first; d += 1) diary.push('none');
        for (const [index, to] of statuses.slice(0, gaps.length).entries()) {
          const next = now + (gaps[index] ?? 1);
          for (let d = now; d < next; d += 1) diary.push(words[status] ?? 'none');
          const reason =
            to === 'cancelled' ? 'declined' : to === 'finished' ? 'graduated' : to === 'onhold' ? 'away' : undefined;
          episode = moved(episode, { status: to, on: day(next), ...(reason && { reason }) });
          now = next;
          status = to;
        }
        const last = 250;
        for (let d = now; d <= last; d += 1)
          diary.push(d === now && status === 'finished' ? 'treated' : (words[status] ?? 'none'));
        const enrollment: Enrollment = readEnrollment(episode);
        const rows = personMonths([enrollment], { start: '2026-01', end: '2026-09', today: day(last) });
        const sum = (state: Standing) => rows.reduce((total, row) => total + row.days[state], 0);
        for (const state of ['control', 'treated', 'on-hold', 'ended'] as const)
          expect(sum(state)).toBe(diary.filter((one) => one === state).length);
      }),
      { numRuns: 300 },
    );
  });
});

describe('S0.5 the pool', () => {
  test('S0.5 who declined is still eligible, with the reason; who was enrolled later is not listed twice', async () => {
    on('2026-05-02');
    const child = await at.child();
    const other = { program: 'HealthcareService/vendor' };
    const first = (await enroll(child, other)).json.id;
    await move(first, { status: 'cancelled', reason: 'declined', reasonText: 'Not now' });
    const pool = async () => (await asked('HealthcareService/vendor/$panel?state=eligible')).member ?? [];
    expect(await pool()).toMatchObject([{ patient: [`Patient/${child}`], state: ['eligible'], reason: ['declined'] }]);
    await enroll(child, { ...other, ...active(child, 'vera-vendor') });
    expect(await pool()).toEqual([]);
    const { member } = await asked('HealthcareService/vendor/$panel');
    expect(member).toMatchObject([{ patient: [`Patient/${child}`], state: ['active'] }]);
  });
});

describe('S4.14 employer, worksite and program as separate facts', () => {
  test('S4.14 one person with two practices shows two roles and two panels', async () => {
    on('2026-05-03');
    const [north, south] = [await at.child(), await at.child()];
    await enroll(north, active(north, 'gus-regional'));
    await enroll(south, { ...active(south, 'gus-embedded'), program: 'HealthcareService/embedded' });
    const roles = (await get('PractitionerRole?practitioner=Practitioner/gus')).json.entry;
    expect(roles.map(({ resource }: any) => resource.location[0].reference).sort()).toEqual([
      'Location/north',
      'Location/south',
    ]);
    const panel = async (role: string) =>
      ((await asked(`PractitionerRole/${role}/$panel`)).member ?? []).map((one: any) => one.patient[0]);
    expect(await panel('gus-regional')).toContain(`Patient/${north}`);
    expect(await panel('gus-regional')).not.toContain(`Patient/${south}`);
    expect(await panel('gus-embedded')).toEqual([`Patient/${south}`]);
  });

  test('S4.14 model, employer, worksite, program and accountable body are answered for any date', async () => {
    on('2026-05-04');
    await at.put({
      resourceType: 'OrganizationAffiliation',
      id: 'contract',
      active: true,
      period: { start: '2026-01-01', end: '2026-05-31' },
      organization: { reference: 'Organization/aco' },
      participatingOrganization: { reference: 'Organization/vendor' },
    });
    const child = await at.child();
    const vendor = { program: 'HealthcareService/vendor', organization: 'Organization/aco' };
    const { json } = await enroll(child, { ...vendor, ...active(child, 'vera-vendor'), eligibleFrom: '2026-05-01' });
    on('2026-06-10');
    const role = (await get('PractitionerRole/vera-vendor')).json;
    await at.put({ ...role, location: [{ reference: 'Location/north' }] });
    await move(json.id, { status: 'finished', reason: 'transferred' });
    const served = (day: string) => asked(`Patient/${child}/$who-served?date=${day}`);
    expect((await served('2026-05-03')).service).toBeUndefined();
    expect((await served('2026-05-10')).service).toEqual([
      {
        enrollment: [`EpisodeOfCare/${json.id}`],
        status: ['active'],
        program: ['HealthcareService/vendor'],
        model: ['external'],
        accountable: ['Organization/aco'],
        manager: ['PractitionerRole/vera-vendor'],
        employer: ['Organization/vendor'],
        worksite: ['Location/vendor-office'],
        affiliation: ['OrganizationAffiliation/contract'],
      },
    ]);
    expect((await served('2026-05-10')).lead).toEqual(['PractitionerRole/vera-vendor']);
    const [last] = (await served('2026-06-10')).service;
    expect([last.worksite, last.affiliation]).toEqual([['Location/north'], undefined]);
    expect((await served('2026-06-11')).service).toBeUndefined();
    expect((await get(`Patient/${child}/$who-served?date=2026-02-30`)).status).toBe(400);
    expect((await get('Patient/no-such/$who-served')).status).toBe(404);
  });

  test('S4.14 a manager who is named as a person serves in the role of the program', async () => {
    on('2026-05-05');
    const child = await at.child();
    const { json } = await enroll(child, {
      ...active(child),
      program: 'HealthcareService/embedded',
      careManager: 'Practitioner/gus',
    });
    const [service] = (await asked(`Patient/${child}/$who-served`)).service;
    expect([service.manager, service.employer, service.worksite]).toEqual([
      ['Practitioner/gus'],
      ['Organization/aco'],
      ['Location/south'],
    ]);
    const panel = (await asked('PractitionerRole/gus-embedded/$panel')).member.map((one: any) => one.patient[0]);
    expect(panel).toContain(`Patient/${child}`);
    const { entry } = (await get(`Communication?subject=Patient/${child}`)).json;
    expect(entry[0].resource.payload[0].contentString).toMatch(/Gus Whitfield, \+1-555/);
    await move(json.id, { status: 'finished', reason: 'graduated' });
  });

  test('S4.14 a handed-over child had the one manager before and has the other since', async () => {
    on('2026-05-05');
    const child = await at.child();
    const { json } = await enroll(child, active(child, 'gus-regional'));
    on('2026-06-05');
    await move(json.id, { careManager: 'PractitionerRole/luz-regional' });
    on('2026-07-05');
    await move(json.id, { careManager: 'PractitionerRole/gus-regional' });
    const managers: string[] = [];
    for (const day of ['2026-05-05', '2026-06-04', '2026-06-05', '2026-07-04', '2026-07-05']) {
      const [service] = (await asked(`Patient/${child}/$who-served?date=${day}`)).service;
      managers.push(service.manager[0].split('/')[1]);
    }
    expect(managers).toEqual(['gus-regional', 'gus-regional', 'luz-regional', 'luz-regional', 'gus-regional']);
  });
});

describe('S4.36 caseload', () => {
  test('S4.36 given minutes per tier and panel counts, output equals hand-worked full-time equivalents', () => {
    const panel = [
      ...Array.from({ length: 12 }, () => ({ tier: 'high', status: 'active' })),
      ...Array.from({ length: 40 }, () => ({ tier: 'moderate', status: 'active' })),
      ...Array.from({ length: 75 }, () => ({ tier: 'low', status: 'active' })),
      ...Array.from({ length: 9 }, () => ({ tier: 'high', status: 'onhold' })),
    ];
    const load = loadOf(
      panel,
      new Map([
        ['high', 240],
        ['moderate', 90],
        ['low', 20],
      ]),
    );
    // By hand: 12 × 240 = 2880; 40 × 90 = 3600; 75 × 20 = 1500; together 7980. 7980 ÷ 7200 = 1.108… = 1.11.
    expect([load.children, load.onHold, load.minutes, fullTime(load.minutes, 7200)]).toEqual([127, 9, 7980, 1.11]);
  });

  test('S4.36 over the API, by manager and for the program', async () => {
    on('2026-05-06');
    const program = { program: 'HealthcareService/embedded' };
    for (const tier of ['high', 'high', 'low']) {
      const child = await at.child();
      expect((await enroll(child, { ...program, ...active(child, 'gus-embedded'), tier })).status).toBe(200);
    }
    const answer = await asked(
      'HealthcareService/embedded/$caseload?minutes=high:240&minutes=low:20&minutes=none:0&available=1000',
    );
    expect(answer.manager).toMatchObject([{ who: ['PractitionerRole/gus-embedded'], minutes: [500], fullTime: [0.5] }]);
    expect(answer.program[0].tier).toContainEqual({ code: ['high'], children: [2] });
    for (const wrong of ['minutes=huge:1', 'minutes=high', 'available=100', 'minutes=high:1&available=0'])
      expect((await get(`HealthcareService/embedded/$caseload?${wrong}`)).status).toBe(400);
  });
});

describe('S4.7 assignment', () => {
  const candidate = (role: string, more: Partial<Candidate> = {}): Candidate => ({
    role,
    programId: 'p',
    speaks: false,
    load: 0,
    ...more,
  });

  test('S4.7 nobody of another area and nobody who is full is offered', () => {
    const offered = ranked([
      candidate('elsewhere', { inArea: false }),
      candidate('full', { inArea: true, load: 5, cap: 5 }),
      candidate('anywhere'),
      candidate('here', { inArea: true, load: 4, cap: 5 }),
      candidate('here-with-room', { inArea: true, load: 1, cap: 5 }),
      candidate('here-and-speaks', { inArea: true, load: 4, cap: 5, speaks: true }),
    ]);
    expect(offered.map(({ role }) => role)).toEqual(['here-and-speaks', 'here-with-room', 'here', 'anywhere']);
  });

  test('S4.7 a new child in a ZIP is offered to the right regional team under its cap', async () => {
    on('2026-05-07');
    const spanish = [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'es-MX' }] }, preferred: true }];
    const child = await at.child({ address: [{ use: 'home', postalCode: '00501-1234' }], communication: spanish });
    const propose = async () => (await asked(`HealthcareService/$propose-manager?patient=Patient/${child}`)) as any;
    const first = await propose();
    expect(first.proposal[0]).toMatchObject({
      manager: ['PractitionerRole/luz-regional'],
      program: ['HealthcareService/regional'],
      reason: ['area', 'language'],
      cap: [3],
    });
    const offered = first.proposal.map((one: any) => one.manager[0]);
    expect(offered).not.toContain('PractitionerRole/vera-vendor');
    for (let n = 0; n < 3; n += 1) {
      const other = await at.child();
      await enroll(other, active(other, 'luz-regional'));
    }
    const later = await propose();
    expect(later.proposal.map((one: any) => one.manager[0])).not.toContain('PractitionerRole/luz-regional');
    expect(later.full[0]).toBeGreaterThan(0);
    expect((await get('HealthcareService/$propose-manager?patient=Patient/no-such')).status).toBe(404);
    expect((await get('HealthcareService/$propose-manager')).status).toBe(400);
  });
});

describe('S4.20 integration level', () => {
  test('S4.20 changing a site’s level on a date splits its results before and after that date', async () => {
    const level = (code: string, period: object) => ({
      url: 'http://careweave.org/fhir/StructureDefinition/integration-level',
      extension: [
        { url: 'level', valueCode: code },
        { url: 'period', valuePeriod: period },
      ],
    });
    const program = (await get('HealthcareService/own')).json;
    const changed = {
      ...program,
      extension: [level('co-located', { end: '2026-05-31' }), level('integrated', { start: '2026-06-01' })],
    };
    expect((await at.send('PUT', '/fhir/HealthcareService/own', { body: changed })).status).toBe(200);
    await at.put({
      resourceType: 'PractitionerRole',
      id: 'nell-own',
      active: true,
      practitioner: { reference: 'Practitioner/home-nurse' },
      organization: { reference: 'Organization/practice' },
      healthcareService: [{ reference: 'HealthcareService/own' }],
    });
    for (const day of ['2026-05-10', '2026-05-31', '2026-06-01']) {
      on(day);
      const child = await at.child();
      await enroll(child, { program: 'HealthcareService/own', ...active(child, 'nell-own') });
    }
    on('2026-06-30');
    const { stretch } = await asked('HealthcareService/own/$program-report?start=2026-05-01&end=2026-06-30');
    expect(stretch.map((one: any) => [one.integrationLevel[0], one.start[0], one.end[0], one.enrolled[0]])).toEqual([
      ['co-located', '2026-05-01', '2026-05-31', 2],
      ['integrated', '2026-06-01', '2026-06-30', 1],
    ]);
    expect((await get('HealthcareService/own/$program-report?start=2026-07-01&end=2026-06-30')).status).toBe(400);
  });

  test('S4.20 every day is in one stretch, whatever levels are said', () => {
    const day = fc.integer({ min: 1, max: 60 }).map((n) => new Date(Date.UTC(2026, 0, n)).toISOString().slice(0, 10));
    const level = fc.record({ level: fc.constantFrom('a', 'b'), start: day, end: day }, { requiredKeys: ['level'] });
    fc.assert(
      fc.property(fc.array(level, { maxLength: 4 }), (levels) => {
        const found = stretchesOf(levels, '2026-01-10', '2026-02-20');
        expect(found[0]?.start).toBe('2026-01-10');
        expect(found.at(-1)?.end).toBe('2026-02-20');
        for (const [index, one] of found.entries()) {
          expect(one.start <= one.end).toBe(true);
          const next = found[index + 1];
          if (next) expect(Date.parse(next.start) - Date.parse(one.end)).toBe(24 * 3_600_000);
        }
      }),
    );
  });
});
