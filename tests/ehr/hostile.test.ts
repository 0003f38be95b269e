import { afterEach, describe, expect, test } from '@jest/globals';
import { createGuardedFetch } from '../../src/base/guarded-fetch.ts';
import { generateKeys } from '../../src/base/keys.ts';
import { createLogger } from '../../src/base/log.ts';
import { createEhr } from '../../src/ehr/index.ts';
import { createTestStore, type TestStore } from '../support/database.ts';
import { openStubEhr, refusal, type StubAnswer, type StubEhr, searchset } from './support/stub-ehr.ts';

const patient = { resourceType: 'Patient', id: 'p', birthDate: '2020-01-01', name: [{ given: ['Ada'] }] };
const about = { subject: { reference: 'Patient/p' } };
const condition = (id: string) => ({ resourceType: 'Condition', id, ...about });
const types = {
  Patient: ['_id'],
  Condition: ['patient'],
  Observation: ['patient', 'category'],
  Goal: ['patient'],
  Practitioner: [],
};

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

async function stub(answer: StubAnswer): Promise<StubEhr> {
  const site = await openStubEhr(types, (asked, base) => {
    if (asked.startsWith('GET Patient?')) return { body: searchset([patient]) };
    if (asked === 'GET Patient/p') return { body: patient };
    return answer(asked, base);
  });
  open.push(site.close);
  return site;
}

async function syncFrom(site: StubEhr) {
  const keys = await generateKeys('ES384');
  const ehr = createEhr({
    clock: { now: () => new Date() },
    log: createLogger('silent'),
    fhirBaseUrl: 'http://careweave.test/fhir',
    clientKey: keys.privateJwk,
    fetchFor: (allowedOrigins) => createGuardedFetch({ allowedOrigins, allowLoopback: true }),
    renderPlanDocument: async () => ({ ok: true, value: { title: '', html: '' } }),
    pause: async () => undefined,
  });
  const database: TestStore = await createTestStore();
  open.push(() => database.drop());
  await ehr.addSite(database.store, { id: 'stub', name: 'Stub', baseUrl: site.base, clientId: 'c' });
  const run = await ehr.runSync(database.store, 'stub');
  const kept = await database.store.query<{ type: string; n: number }>(
    `select type, count(*)::int as n from resource where type <> 'Provenance' group by 1 order by 1`,
  );
  const warnings = run.ok ? run.value.warnings.map((each) => `${each.code} ${each.type}`) : [];
  return { run, warnings, kept: Object.fromEntries(kept.map((row) => [row.type, row.n])), ehr, database };
}

describe('a site that cannot be trusted', () => {
  test('a next link to another origin is refused and never sees the token', async () => {
    const thief = await openStubEhr({}, () => ({ body: searchset([condition('planted')]) }));
    open.push(thief.close);
    const site = await stub((asked) =>
      asked.startsWith('GET Condition?')
        ? { body: searchset([condition('c')], `${thief.base}/Condition?page=2`) }
        : undefined,
    );
    const { warnings, kept } = await syncFrom(site);
    expect(thief.asked).toEqual([]);
    expect(warnings).toContain('next-link-refused Condition');
    expect(kept).toEqual({ Patient: 1, Condition: 1 });
  });

  test('a next link that comes round again ends the search', async () => {
    const site = await stub((asked, base) =>
      asked.startsWith('GET Condition?')
        ? { body: searchset([condition('c')], `${base}/Condition?page=2`) }
        : undefined,
    );
    const { warnings } = await syncFrom(site);
    expect(warnings).toContain('page-loop Condition');
    expect(site.asked.filter((each) => each.startsWith('GET Condition?'))).toHaveLength(2);
  });

  test("other patients' data, entries of another type and entries without an id are left out and counted", async () => {
    const stray = { resourceType: 'Condition', id: 'x', subject: { reference: 'Patient/other' } };
    const site = await stub((asked) =>
      asked.startsWith('GET Condition?')
        ? {
            body: searchset([
              stray,
              { resourceType: 'Goal', id: 'g', ...about },
              { resourceType: 'Condition', ...about },
            ]),
          }
        : undefined,
    );
    const { warnings, kept } = await syncFrom(site);
    expect(kept).toEqual({ Patient: 1 });
    expect(warnings).toEqual(
      expect.arrayContaining(['other-patient Condition', 'unexpected-type Condition', 'no-id Condition']),
    );
  });

  test("a record cannot be put into the chart of a child of ours that is not the site's", async () => {
    const site = await stub((asked) =>
      asked.startsWith('GET Condition?')
        ? {
            body: searchset([
              {
                resourceType: 'Condition',
                id: 'planted',
                subject: { reference: 'http://careweave.test/fhir/Patient/of-another-hospital', display: 'x' },
                asserter: { reference: 'Patient/p' },
              },
            ]),
          }
        : undefined,
    );
    const { kept, database } = await syncFrom(site);
    expect(kept).toEqual({ Patient: 1, Condition: 1 });
    const inChart = await database.store.search(
      {
        type: 'Condition',
        filters: [],
        includes: [],
        revincludes: [],
        sort: [],
        count: 10,
        total: 'none',
      },
      { kind: 'limited', grants: [{ types: 'any', patients: ['of-another-hospital'] }] },
    );
    expect(inChart).toMatchObject({ ok: true, value: { matches: [] } });
    const rows = await database.store.query<{ content: string }>(
      `select content from resource where type = 'Condition'`,
    );
    expect(JSON.parse(String(rows[0]?.content)).subject).toEqual({
      type: 'Patient',
      identifier: { system: 'http://careweave.test/fhir/Patient', value: 'of-another-hospital' },
      display: 'x',
    });
  });

  test('a type that is not granted is skipped, an HTML error page fails its type only, the others come in', async () => {
    const site = await stub((asked) => {
      if (asked.startsWith('GET Goal?')) return refusal(403, 'forbidden');
      if (asked.startsWith('GET Observation?')) return { body: '<html>maintenance</html>' };
      return asked.startsWith('GET Condition?') ? { body: searchset([condition('c')]) } : undefined;
    });
    const { run, warnings, kept } = await syncFrom(site);
    expect(run.ok).toBe(true);
    expect(warnings).toEqual(expect.arrayContaining(['not-granted Goal', 'search-malformed Observation']));
    expect(kept).toEqual({ Patient: 1, Condition: 1 });
  });

  test('fan-out follows the issue code `required` alone; a bare 400 stays an error', async () => {
    const weight = { resourceType: 'Observation', id: 'w', ...about };
    const site = await stub((asked) => {
      if (asked.startsWith('GET Goal?')) return refusal(400, 'invalid');
      if (!asked.startsWith('GET Observation?')) return undefined;
      if (!asked.includes('category=')) return refusal(400, 'required');
      return asked.includes('sdoh') ? refusal(400, 'value') : { body: searchset([weight]) };
    });
    const { warnings, kept } = await syncFrom(site);
    expect(kept).toEqual({ Patient: 1, Observation: 1 });
    expect(site.asked.filter((each) => each.startsWith('GET Goal?'))).toHaveLength(1);
    expect(warnings).toEqual(expect.arrayContaining(['fan-out-refused Observation', 'search-refused Goal']));
  });

  test('a missing practitioner is asked for once, and becomes a logical reference', async () => {
    const recorder = { recorder: { reference: 'Practitioner/gone', display: 'Dr. Wren' } };
    const site = await stub((asked) => {
      if (asked === 'GET Practitioner/gone') return refusal(410, 'deleted');
      return asked.startsWith('GET Condition?')
        ? {
            body: searchset([
              { ...condition('a'), ...recorder },
              { ...condition('b'), ...recorder },
            ]),
          }
        : undefined;
    });
    const { database, warnings } = await syncFrom(site);
    expect(site.asked.filter((each) => each.startsWith('GET Practitioner/'))).toHaveLength(1);
    expect(warnings).toContain('read-missing Practitioner');
    const dangling = await database.store.query(
      `select 1 from resource where content like '%"reference":"Practitioner/%'`,
    );
    expect(dangling).toEqual([]);
  });

  test('refused credentials end the run with one sentence, and nothing a site said is kept as text', async () => {
    const site = await stub(() => refusal(401, 'login'));
    const { run, ehr, database } = await syncFrom(site);
    expect(run).toMatchObject({ ok: false, error: { kind: 'unprocessable' } });
    const [status] = await ehr.syncStatus(database.store);
    expect(status).toMatchObject({ running: false, lastRun: { state: 'failed' } });
    expect(JSON.stringify(status)).not.toContain('a sentence with a name');
  });

  test('a site that has had enough is not asked again by this run', async () => {
    const site = await stub((asked) => (asked.startsWith('GET Condition?') ? refusal(429, 'throttled') : undefined));
    const { run, kept } = await syncFrom(site);
    expect(run).toMatchObject({ ok: false, error: { kind: 'busy' } });
    expect(kept).toEqual({});
  });

  test('one patient that cannot be read delays nobody else', async () => {
    const site = await openStubEhr(types, (asked) => {
      if (asked.startsWith('GET Patient?')) return { body: searchset([patient, { ...patient, id: 'q' }]) };
      if (asked === 'GET Patient/q') return { body: { ...patient, id: 'q', name: [{ given: ['Bo'] }] } };
      return asked === 'GET Patient/p' ? refusal(403, 'suppressed') : undefined;
    });
    open.push(site.close);
    const { run, warnings, kept } = await syncFrom(site);
    expect(run).toMatchObject({ ok: true, value: { patients: { total: 2, done: 2, failed: 1 } } });
    expect(warnings).toContain('patient-not-granted Patient');
    expect(kept).toEqual({ Patient: 1 });
  });
});
