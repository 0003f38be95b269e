import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource, r4 } from '../../../src/fhir/types.ts';
import { openTestHouse, type TestHouse } from '../../support/house.ts';
import { immunization } from '../house.ts';

let house: TestHouse;
/** The server's clock is the real one: everybody's age is told from this year. */
const now = new Date().getUTCFullYear();
const year = `periodStart=${now}&periodEnd=${now}`;
const cis = 'http://careweave.org/fhir/Measure/childhood-immunization-status';
const wcv = 'http://careweave.org/fhir/Measure/well-child-visits';

const get = (path: string) => house.fhir('GET', path);

async function answered<T>(path: string): Promise<T> {
  const { status, json } = await get(path);
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(json)}`);
  return json as T;
}

function refusal({ status, json }: { status: number; json: r4.OperationOutcome }) {
  return { status, text: json.issue?.[0]?.details?.text ?? json.issue?.[0]?.diagnostics ?? '' };
}

/** The resources of the Bundles that an operation returned. */
function bundles({ parameter = [] }: r4.Parameters): r4.Bundle[] {
  return parameter.map(({ resource }) => resource as r4.Bundle);
}

const inside = ({ entry = [] }: r4.Bundle) => entry.map(({ resource }) => resource as Resource);

/** Valid by FHIR and by the profiles that it claims. */
async function expectValid(resource: Resource | r4.Resource): Promise<void> {
  const { validate, store } = house;
  const issues = await validate(resource as Resource, { reader: store });
  const errors = issues.filter(({ severity }) => severity !== 'warning' && severity !== 'information');
  expect([resource.resourceType, errors]).toEqual([resource.resourceType, []]);
}

beforeAll(async () => {
  house = await openTestHouse({ env: { MEASURE_REPORTER: 'Seven Oaks <Health>' } });
  const child = (id: string, birthDate: string) => ({ resourceType: 'Patient', id, birthDate, gender: 'female' });
  const records: Resource[] = [
    child('ana', `${now - 2}-01-01`),
    { resourceType: 'Practitioner', id: 'dr' },
    { ...child('ben', `${now - 2}-01-01`), generalPractitioner: [{ reference: 'Practitioner/dr' }] },
    child('dora', `${now - 10}-06-01`),
    immunization('ana-mmr', '03', `${now - 1}-03-12`, 'ana'),
    {
      resourceType: 'Group',
      id: 'panel',
      type: 'person',
      actual: true,
      member: ['ana', 'dora', 'gone'].map((id) => ({ entity: { reference: `Patient/${id}` } })),
    },
  ];
  const entry = records.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  // The Group names a patient who is not there, so that entry comes by itself.
  const written = await house.fhir('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
  if (written.status !== 200) throw new Error(written.text);
});
afterAll(() => house.shut());

describe('$evaluate', () => {
  test.each([
    ['without a measure', `${year}&subject=Patient/ana`, 400, /measureUrl is required/],
    ['for an unknown measure', `measureUrl=http://example.org/none&${year}`, 404, /no such measure/],
    ['for one of two unknown', `measureUrl=${cis}&measureUrl=http://example.org/none&${year}`, 404, /no such measure/],
    ['without a period', `measureUrl=${cis}`, 400, /periodStart is required/],
    ['with a period that ends before it starts', `measureUrl=${cis}&periodStart=2026&periodEnd=2025`, 400, /before/],
    ['with an unknown report type', `measureUrl=${cis}&${year}&reportType=all`, 400, /reportType/],
    ['for a list of one', `measureUrl=${cis}&${year}&subject=Patient/ana&reportType=summary`, 400, /individual/],
    ['with two subjects', `measureUrl=${cis}&${year}&subject=Patient/ana&subjectGroup=Group/panel`, 400, /exclude/],
    ['at a location', `measureUrl=${cis}&${year}&location=Location/l`, 400, /location is not supported/],
    ['with what was received lately', `measureUrl=${cis}&${year}&lastReceivedOn=2026-01-01`, 400, /lastReceivedOn/],
    ['with a parameter of its own', `measureUrl=${cis}&${year}&colour=red`, 400, /colour/],
    ['for a child who is not there', `measureUrl=${cis}&${year}&subject=Patient/nobody`, 404, /no such Patient/],
    ['for a group that is not there', `measureUrl=${cis}&${year}&subjectGroup=Group/none`, 404, /no such Group/],
  ])('is refused %s', async (_, query, status, text) => {
    const answer = refusal(await get(`/Measure/$evaluate?${query}`));
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(text);
  });

  test('of one child has its reports first, then what was counted', async () => {
    const answer = await answered<r4.Parameters>(
      `/Measure/$evaluate?measureUrl=${cis}&measureUrl=${wcv}&${year}&subject=Patient/ana`,
    );
    const [bundle] = bundles(answer);
    const types = inside(bundle as r4.Bundle).map(({ resourceType }) => resourceType);
    expect(types).toEqual(['MeasureReport', 'MeasureReport', 'Patient', 'Immunization']);
    for (const resource of inside(bundle as r4.Bundle)) await expectValid(resource);
    const [report] = inside(bundle as r4.Bundle) as unknown as r4.MeasureReport[];
    expect(report?.contained?.[0]).toMatchObject({ id: 'reporter', name: 'Seven Oaks <Health>' });
    expect(report?.reporter).toEqual({ reference: '#reporter' });
    expect(report?.text?.div).toMatch('in the time zone UTC');
    expect(report?.text?.div).toMatch('at most one gap of up to 45 days');
  });

  test('of many may be asked for later', async () => {
    const headers = { Authorization: `Bearer ${await house.token()}`, Prefer: 'respond-async' };
    const asked = `${house.url}/fhir/Measure/$evaluate?measureUrl=${cis}&measureUrl=${wcv}&${year}`;
    const accepted = await fetch(asked, { headers });
    expect(accepted.status).toBe(202);
    const place = accepted.headers.get('Content-Location') ?? '';
    let answer = await fetch(place, { headers: { Authorization: headers.Authorization } });
    while (answer.status === 202) {
      expect(answer.headers.get('X-Progress')).toMatch(/started|of 2 measures|children/);
      answer = await fetch(place, { headers: { Authorization: headers.Authorization } });
    }
    const bundle = (await answer.json()) as r4.Bundle;
    const [summary] = bundles(bundle.entry?.[0]?.resource as r4.Parameters).flatMap(inside);
    expect(summary).toMatchObject({ resourceType: 'MeasureReport', type: 'summary' });
  });

  test('of a Group is a summary of those who are there, or a Bundle for each', async () => {
    const asked = `/Measure/$evaluate?measureUrl=${wcv}&${year}&subjectGroup=Group/panel`;
    const [summary] = bundles(await answered(asked)).flatMap(inside);
    expect(summary).toMatchObject({ resourceType: 'MeasureReport', type: 'summary' });
    await expectValid(summary as Resource);
    const each = bundles(await answered(`${asked}&reportType=individual`)).flatMap(
      inside,
    ) as unknown as r4.MeasureReport[];
    expect(each.map(({ subject }) => subject?.reference)).toEqual(['Patient/ana', 'Patient/dora']);
    const [list] = bundles(await answered(`${asked}&reportType=subject-list`)).flatMap(inside);
    await expectValid(list as Resource);
  });
});

describe('$care-gaps', () => {
  test.each([
    ['without a status', `measureUrl=${cis}&${year}&subject=Patient/ana`, 400, /status is required/],
    ['with an unknown status', `measureUrl=${cis}&${year}&subject=Patient/ana&status=open`, 400, /open-gap/],
    ['for nobody', `measureUrl=${cis}&${year}&status=open-gap`, 400, /One of the parameters/],
    [
      'for a child who is not there',
      `measureUrl=${cis}&${year}&status=open-gap&subject=Patient/nobody`,
      404,
      /Patient/,
    ],
    ['about a program', `measureUrl=${cis}&${year}&status=open-gap&subject=Patient/ana&program=x`, 400, /program/],
    [
      'half a document',
      `measureUrl=${cis}&${year}&status=open-gap&subject=Patient/ana&isDocument=no`,
      400,
      /isDocument/,
    ],
  ])('is refused %s', async (_, query, status, text) => {
    const answer = refusal(await get(`/Measure/$care-gaps?${query}`));
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(text);
  });

  const asked = (status: string, more = '') =>
    answered<r4.Parameters>(
      `/Measure/$care-gaps?measureUrl=${cis}&${year}&subject=Patient/ana&status=${status}${more}`,
    );

  const statusOf = (issue: Resource) =>
    (issue as unknown as r4.DetectedIssue).modifierExtension?.[0]?.valueCodeableConcept?.coding?.[0]?.code;

  test('is a document that begins with its Composition and is valid by our profiles', async () => {
    const [bundle] = bundles(await asked('open-gap&status=closed-gap'));
    expect(bundle).toMatchObject({ type: 'document', identifier: { system: 'urn:ietf:rfc:3986' } });
    await expectValid(bundle as r4.Bundle);
    const [composition, report, ...others] = inside(bundle as r4.Bundle);
    expect([composition?.resourceType, report?.resourceType]).toEqual(['Composition', 'MeasureReport']);
    const issues = others.filter(({ resourceType }) => resourceType === 'DetectedIssue');
    expect(issues).toHaveLength(13);
    expect(new Set(issues.map(statusOf))).toEqual(new Set(['open-gap', 'closed-gap']));
    for (const resource of inside(bundle as r4.Bundle)) await expectValid(resource);
    const { section } = composition as unknown as r4.Composition;
    expect(section?.[0]?.focus?.reference).toBe(`urn:uuid:${report?.id}`);
    expect(section?.[0]?.entry).toHaveLength(13);
  });

  test('tells only the statuses that were asked for', async () => {
    const [bundle] = bundles(await asked('closed-gap', '&isDocument=false'));
    expect(bundle?.type).toBe('collection');
    const issues = inside(bundle as r4.Bundle).filter(({ resourceType }) => resourceType === 'DetectedIssue');
    expect(issues.map(statusOf)).toEqual(['closed-gap']);
    expect(inside(bundle as r4.Bundle).some(({ resourceType }) => resourceType === 'Composition')).toBe(false);
  });

  test('has no Bundle for a child without such a gap, and no score where a measure does not apply', async () => {
    expect(bundles(await asked('not-applicable'))).toEqual([]);
    const dora = `/Measure/$care-gaps?measureUrl=${cis}&${year}&subject=Patient/dora&status=not-applicable`;
    const [bundle] = bundles(await answered(dora));
    const report = inside(bundle as r4.Bundle).find(({ resourceType }) => resourceType === 'MeasureReport');
    expect(JSON.stringify(report)).not.toMatch('measureScore');
  });

  test('is prospective until the birthday by which it has to be closed', async () => {
    const late = { resourceType: 'Patient', id: 'eve', birthDate: `${now - 1}-06-01` };
    expect((await house.fhir('PUT', '/Patient/eve', late)).status).toBe(201);
    const eve = (status: string) =>
      answered<r4.Parameters>(
        `/Measure/$care-gaps?measureUrl=${cis}&periodStart=${now + 1}&periodEnd=${now + 1}&subject=Patient/eve&status=${status}`,
      );
    expect(bundles(await eve('open-gap'))).toEqual([]);
    const issues = bundles(await eve('prospective-gap'))
      .flatMap(inside)
      .filter(({ resourceType }) => resourceType === 'DetectedIssue');
    expect(issues).toHaveLength(13);
  });

  test('of one measure is asked of the measure itself', async () => {
    const path = `/Measure/childhood-immunization-status/$care-gaps?${year}&subject=Patient/ana&status=closed-gap`;
    const [bundle] = bundles(await answered(path));
    const issues = inside(bundle as r4.Bundle).filter(({ resourceType }) => resourceType === 'DetectedIssue');
    expect(issues.map(statusOf)).toEqual(['closed-gap']);
    const none = await get(`/Measure/none/$care-gaps?${year}&subject=Patient/ana&status=closed-gap`);
    expect(none.status).toBe(404);
  });

  test('says of an open gap what is not in the record, and of a closed one nothing', async () => {
    const [bundle] = bundles(await asked('open-gap&status=closed-gap'));
    const guidance = inside(bundle as r4.Bundle).filter(({ resourceType }) => resourceType === 'GuidanceResponse');
    const issues = inside(bundle as r4.Bundle).filter(({ resourceType }) => resourceType === 'DetectedIssue');
    expect(guidance.length).toBeGreaterThan(0);
    const known = new Set(guidance.map(({ id }) => `urn:uuid:${id}`));
    const guided = issues.filter((issue) =>
      (issue as unknown as r4.DetectedIssue).evidence?.[0]?.detail?.some(({ reference = '' }) => known.has(reference)),
    );
    expect(new Set(guided.map(statusOf))).toEqual(new Set(['open-gap']));
    expect(guided).toHaveLength(guidance.length);
    const sought = guidance.flatMap((one) => (one as unknown as r4.GuidanceResponse).dataRequirement ?? []);
    const valueSets = sought.flatMap(({ codeFilter = [] }) => codeFilter.map(({ valueSet }) => valueSet));
    expect(valueSets).toContain('http://careweave.org/fhir/ValueSet/varicella-vaccines');
    // Ana had this one.
    expect(valueSets).not.toContain('http://careweave.org/fhir/ValueSet/mmr-vaccines');
  });

  test('shows a remark on the gap, which stays open', async () => {
    const url = 'http://hl7.org/fhir/us/davinci-deqm/StructureDefinition/extension-careGapRemark';
    const remark = { url, extension: [{ url: 'text', valueString: 'Given elsewhere; the record was asked for.' }] };
    const report = (period: string, on: string) => ({
      ...{ resourceType: 'MeasureReport', status: 'complete', type: 'individual', measure: cis },
      period: { start: `${period}-01-01`, end: `${period}-12-31` },
      subject: { reference: 'Patient/ana' },
      group: [{ id: on, extension: [remark] }],
    });
    const kept: Resource[] = [];
    for (const one of [report(`${now}`, 'varicella'), report(`${now - 1}`, 'mmr')]) {
      kept.push((await house.fhir('POST', '/MeasureReport', one)).json);
    }
    const [bundle] = bundles(await asked('open-gap'));
    const told = inside(bundle as r4.Bundle).find(({ resourceType }) => resourceType === 'MeasureReport');
    await expectValid(told as Resource);
    const groups = (told as unknown as r4.MeasureReport).group ?? [];
    const withRemark = groups.filter(({ extension = [] }) => extension.some((one) => one.url === url));
    expect(withRemark.map(({ id }) => id)).toEqual(['varicella']);
    const numerator = withRemark[0]?.population?.find(({ id }) => id?.startsWith('numerator'));
    expect(numerator?.count).toBe(0);
    for (const { id } of kept) await house.fhir('DELETE', `/MeasureReport/${id}`);
  });

  test('of a Group has a document for each who has a gap', async () => {
    const group = `/Measure/$care-gaps?measureUrl=${cis}&${year}&subject=Group/panel&status=open-gap`;
    const subjects = bundles(await answered(group)).map(
      (bundle) => (inside(bundle)[0] as unknown as r4.Composition).subject,
    );
    expect(subjects).toEqual([{ reference: 'Patient/ana' }]);
  });
});

test('a practitioner’s children are those who name the practitioner', async () => {
  const panel = (who: string) =>
    answered<r4.Parameters>(`/Measure/$evaluate?measureUrl=${wcv}&${year}&provider=${who}&reportType=individual`);
  const subjects = bundles(await panel('Practitioner/dr'))
    .flatMap(inside)
    .map((report) => (report as unknown as r4.MeasureReport).subject?.reference);
  expect(subjects).toEqual(['Patient/ben']);
  expect(bundles(await panel('Practitioner/nobody'))).toEqual([]);
  const gaps = `/Measure/$care-gaps?measureUrl=${cis}&${year}&status=open-gap`;
  expect(bundles(await answered(`${gaps}&practitioner=Practitioner/dr`))).toHaveLength(1);
  expect(bundles(await answered(`${gaps}&practitioner=Practitioner/dr&organization=Organization/none`))).toEqual([]);
});

describe('$explain', () => {
  test.each([
    ['without a subject', `measure=${cis}&${year}`, 400],
    ['of a Group', `measure=${cis}&${year}&subject=Group/panel`, 400],
    ['of a child who is not there', `measure=${cis}&${year}&subject=Patient/nobody`, 404],
    ['of a group that the measure has not', `measure=${cis}&${year}&subject=Patient/ana&group=none`, 404],
  ])('is refused %s', async (_, query, status) => {
    expect((await get(`/Measure/$explain?${query}`)).status).toBe(status);
  });

  test('says what every population came to, and which records made it so', async () => {
    const { parameter = [] } = await answered<r4.Parameters>(
      `/Measure/childhood-immunization-status/$explain?${year}&subject=Patient/ana&group=mmr`,
    );
    const part = parameter.find(({ name }) => name === 'group')?.part ?? [];
    expect(part.find(({ name }) => name === 'status')?.valueCode).toBe('closed-gap');
    const populations = part.filter(({ name }) => name === 'population');
    expect(populations.map((each) => each.part?.find(({ name }) => name === 'count')?.valueInteger)).toEqual([
      1, 1, 0, 1,
    ]);
    const numerator = JSON.stringify(populations[3]);
    expect(numerator).toMatch('Immunization/ana-mmr');
    expect(numerator).toMatch(/ChildhoodImmunizationStatus \d+:\d+/);
  });
});

test('$data-requirements says what the logic reads, with its code lists', async () => {
  expect((await get(`/Measure/$data-requirements?${year}`)).status).toBe(400);
  const library = await answered<r4.Library>(`/Measure/childhood-immunization-status/$data-requirements?${year}`);
  await expectValid(library);
  expect(library.type?.coding?.[0]?.code).toBe('module-definition');
  const immunizations = library.dataRequirement?.filter(({ type }) => type === 'Immunization') ?? [];
  expect(immunizations.length).toBeGreaterThan(5);
  expect(immunizations.every(({ codeFilter }) => codeFilter?.[0]?.path === 'vaccineCode')).toBe(true);
});

describe('$collect-data and $submit-data', () => {
  const collected = () =>
    answered<r4.Parameters>(`/Measure/childhood-immunization-status/$collect-data?${year}&subject=Patient/ana`);

  test('what is collected says whose it is, has no counts, and is valid', async () => {
    expect((await get(`/Measure/childhood-immunization-status/$collect-data?${year}`)).status).toBe(400);
    const { parameter = [] } = await collected();
    const [report, ...resources] = parameter;
    expect(report).toMatchObject({ name: 'measureReport', resource: { type: 'data-collection' } });
    await expectValid(report?.resource as r4.MeasureReport);
    expect(resources.map(({ resource }) => `${resource?.resourceType}/${resource?.id}`)).toEqual([
      'Patient/ana',
      'Immunization/ana-mmr',
    ]);
  });

  const submit = (parameters: unknown) =>
    house.fhir('POST', '/Measure/childhood-immunization-status/$submit-data', parameters);

  async function changed(change: (report: r4.MeasureReport, parameters: r4.Parameters) => void) {
    const parameters = await collected();
    change(parameters.parameter?.[0]?.resource as r4.MeasureReport, parameters);
    return submit(parameters);
  }

  test.each<[string, RegExp, Parameters<typeof changed>[0]]>([
    ['without a report', /measureReport is required/, (_, all) => all.parameter?.shift()],
    ['of another type', /data-collection/, (report) => Object.assign(report, { type: 'summary' })],
    ['with counts', /no groups/, (report) => Object.assign(report, { group: [{ population: [] }] })],
    ['of another measure', /another measure/, (report) => Object.assign(report, { measure: wcv })],
    ['of no measure', /no such measure/, (report) => Object.assign(report, { measure: 'http://example.org/none' })],
    ['without saying whether it is all', /updateType/, (report) => Object.assign(report, { modifierExtension: [] })],
    ['about nobody', /subject/, (report) => Object.assign(report, { subject: { display: 'Ana' } })],
    [
      'with a record of somebody else',
      /another Patient/,
      (_, all) =>
        all.parameter?.push({ name: 'resource', resource: immunization('x', '03', '2025-01-01', 'ben') as never }),
    ],
    [
      'with a record without an id',
      /needs an id/,
      (_, all) => {
        const { id: _id, ...rest } = immunization('x', '03', '2025-01-01', 'ana');
        all.parameter?.push({ name: 'resource', resource: rest as never });
      },
    ],
  ])('is refused %s', async (_, text, change) => {
    const answer = refusal(await changed(change));
    expect([400, 404]).toContain(answer.status);
    expect(answer.text).toMatch(text);
  });

  test('writes everything or nothing, and the same again changes nothing', async () => {
    const parameters = await collected();
    const dose = (code: unknown) => ({
      ...immunization('ana-vzv', '21', `${now - 1}-04-02`, 'ana'),
      ...(code as object),
    });
    const bad = {
      ...parameters,
      parameter: [...(parameters.parameter ?? []), { name: 'resource', resource: dose({ status: 'perhaps' }) }],
    };
    expect((await submit(bad)).status).toBe(422);
    expect((await get('/MeasureReport?_summary=count')).json.total).toBe(0);
    const good = {
      ...parameters,
      parameter: [...(parameters.parameter ?? []), { name: 'resource', resource: dose({}) }],
    };
    const statuses = async () =>
      (await submit(good)).json.entry.map(({ response }: r4.BundleEntry) => response?.status);
    expect(await statuses()).toEqual(['201 Created', '200 OK', '200 OK', '201 Created']);
    await statuses();
    expect((await get('/MeasureReport?_summary=count')).json.total).toBe(1);
    expect((await get('/Immunization/ana-vzv')).json.meta.versionId).toBe('1');
  });
});

describe('$published-report', () => {
  test('is refused of one child, and beside a report on another measure', async () => {
    expect((await get(`/Measure/$published-report?measure=${cis}&${year}&subject=Patient/ana`)).status).toBe(400);
    const earlier = await answered<r4.MeasureReport>(`/Measure/$published-report?measure=${wcv}&${year}`);
    const parameter = [
      { name: 'measure', valueString: cis },
      { name: 'periodStart', valueDate: String(now) },
      { name: 'periodEnd', valueDate: String(now) },
      { name: 'earlier', resource: earlier },
    ];
    const answer = await house.fhir('POST', '/Measure/$published-report', { resourceType: 'Parameters', parameter });
    expect(refusal(answer)).toMatchObject({ status: 400, text: expect.stringMatching(/same measure/) });
  });

  test('shows no count of a few children, and is valid', async () => {
    const report = await answered<r4.MeasureReport>(`/Measure/$published-report?measure=${wcv}&${year}`);
    await expectValid(report);
    const counts = report.group?.flatMap(({ population }) => population?.map(({ count }) => count) ?? []) ?? [];
    expect(new Set(counts)).toEqual(new Set([undefined, 0]));
    expect(report.group?.every(({ measureScore }) => measureScore === undefined)).toBe(true);
  });
});

describe('the worksheet for the Child Core Set', () => {
  const asked = `/Measure/$core-set-report?measure=${wcv}&${year}`;

  test('is refused with everything that is wrong', async () => {
    const { status, json } = await get(`${asked}&measure=lead-screening`);
    expect(status).toBe(422);
    const texts = json.issue.map(({ details }: r4.OperationOutcomeIssue) => details?.text);
    expect(texts).toContain('The data source is not said.');
    expect((await get(`/Measure/$core-set-report?${year}`)).status).toBe(400);
    expect((await get(`${asked}&anyway=yes`)).status).toBe(400);
  });

  test('is CSV, over HTTP as on the command line', async () => {
    const binary = await answered<r4.Binary>(`${asked}&dataSource=Electronic%20Health%20Records`);
    expect(binary).toMatchObject({ resourceType: 'Binary', contentType: 'text/csv' });
    const [head, first] = Buffer.from(binary.data ?? '', 'base64')
      .toString('utf8')
      .split('\r\n');
    expect(head).toMatch(/^measure,title,rate_id,/);
    expect(first).toBe(
      `WCV-CH,"Well-child visits, 3 to 21 years",total,Total: 3 to 21 years,,,0,1,0.0000,N/D,Electronic Health Records,,,${now}-01-01,${now}-12-31,,`,
    );
    const words = [
      'measures',
      'export',
      '--format',
      'core-set-csv',
      '--period',
      String(now),
      '--measure',
      'well-child-visits',
    ];
    await expect(house.command(...words)).rejects.toThrow(/would refuse/);
    const printed = await house.command(...words, '--data-source', 'Electronic Health Records');
    expect(printed.split('\n')[1]).toBe(first);
  });
});

test('the capability statement lists the operations on Measure', async () => {
  const statement = await answered<r4.CapabilityStatement>('/metadata');
  const { operation = [] } = statement.rest?.[0]?.resource?.find(({ type }) => type === 'Measure') ?? {};
  const names = operation.map(({ name }) => name);
  const ours = [
    'evaluate-measure',
    'evaluate',
    'care-gaps',
    'explain',
    'data-requirements',
    'collect-data',
    'submit-data',
    'published-report',
    'core-set-report',
  ];
  expect(names).toEqual(expect.arrayContaining(ours));
  for (const { definition } of operation.filter(({ definition: url }) => url.startsWith('http://careweave.org/'))) {
    expect((await get(`/OperationDefinition?url=${definition}&_total=accurate`)).json.total).toBe(1);
  }
});
