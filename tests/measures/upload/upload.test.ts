import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { r4 } from '../../../src/fhir/types.ts';
import { createTranslations } from '../../../src/measures/posted/translations.ts';
import { openTestHouse, type TestHouse, unwrap } from '../../support/house.ts';
import { cqlOf, library, measure, transaction, valueSet } from './bundle.ts';

let house: TestHouse;

const snomed = 'http://snomed.info/sct';
const stay = (id: string, patient: string, start: string, end: string, code = '183452005') => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
  type: [{ coding: [{ system: snomed, code }] }],
  subject: { reference: `Patient/${patient}` },
  period: { start, end },
});

beforeAll(async () => {
  house = await openTestHouse();
  const records = [
    { resourceType: 'Patient', id: 'ana', birthDate: '2016-03-10', gender: 'female' },
    { resourceType: 'Patient', id: 'ben', birthDate: '2020-05-01', gender: 'male' },
    { resourceType: 'Patient', id: 'old', birthDate: '1990-05-01', gender: 'male' },
    stay('s1', 'ana', '2026-02-01T10:00:00Z', '2026-02-01T12:00:00Z'),
    stay('s2', 'ana', '2026-03-01T10:00:00Z', '2026-03-01T11:00:00Z'),
    stay('s3', 'ben', '2026-04-01T10:00:00Z', '2026-04-01T16:00:00Z'),
    stay('s4', 'ben', '2026-05-01T10:00:00Z', '2026-05-01T11:00:00Z', '11429006'),
    stay('s5', 'old', '2026-04-01T10:00:00Z', '2026-04-01T16:00:00Z'),
  ];
  const entry = records.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const answer = await house.fhir('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
  if (answer.status !== 200) throw new Error(answer.text);
});
afterAll(() => house?.shut());

const issuesOf = (json: r4.OperationOutcome) =>
  json.issue.map(({ code, details, diagnostics, expression }) => [code, details?.text ?? diagnostics, expression?.[0]]);

const refusalOf = ({ json }: { json: { resourceType: string } }) =>
  json.resourceType === 'OperationOutcome' ? issuesOf(json as r4.OperationOutcome) : [];

async function post(...resources: Parameters<typeof transaction>) {
  return house.fhir('POST', '', transaction(...resources));
}

async function evaluate(name: string, more = '') {
  const url = encodeURIComponent(`http://example.org/Measure/${name}`);
  return house.fhir('GET', `/Measure/$evaluate-measure?measure=${url}&periodStart=2026&periodEnd=2026${more}`);
}

async function explain(name: string, patient: string): Promise<r4.Parameters> {
  const asked = `measure=${encodeURIComponent(`http://example.org/Measure/${name}`)}&periodStart=2026&periodEnd=2026`;
  const { status, json, text } = await house.fhir('GET', `/Measure/$explain?${asked}&subject=Patient/${patient}`);
  if (status !== 200) throw new Error(text);
  return json;
}

async function counts(name: string, more = '') {
  const { status, json, text } = await evaluate(name, more);
  if (status !== 200) throw new Error(text);
  const [group] = (json as r4.MeasureReport).group ?? [];
  const found = Object.fromEntries((group?.population ?? []).map(({ id, count }) => [id, count]));
  return [found, group?.measureScore?.value];
}

const children = `valueset "Stay Codes": 'http://example.org/ValueSet/stays'
parameter "Measurement Period" Interval<DateTime>
context Patient
define "Days": Interval[date from start of "Measurement Period", date from end of "Measurement Period"]
define "Child": years between Patient.birthDate.value and end of "Days" < 18
define "Stays": [Encounter: "Stay Codes"] E where date from E.period."start".value during "Days"
define "Child Stays": if "Child" then "Stays" else List<FHIR.Encounter>{}
define "Had Stay": exists "Stays"
define "Long Stays": "Child Stays" E where hours between E.period."start".value and E.period."end".value >= 2
define "Had Long Stay": exists "Long Stays"
define function "Hours"(E FHIR.Encounter): hours between E.period."start".value and E.period."end".value
define function "Length"(E FHIR.Encounter):
  System.Quantity{value: ToDecimal(hours between E.period."start".value and E.period."end".value), unit: 'h'}
define "Total Hours": Sum("Child Stays" E return hours between E.period."start".value and E.period."end".value)
`;
const stays = valueSet('stays', [[snomed, '183452005']]);

describe('a measure posted with CQL only runs:', () => {
  test('proportion', async () => {
    const populations = { 'initial-population': 'Child', denominator: 'Had Stay', numerator: 'Had Long Stay' };
    const answer = await post(
      measure('Proportion', 'proportion', populations),
      stays,
      library('Proportion', { cql: cqlOf('Proportion', children) }),
    );
    expect([answer.status, refusalOf(answer)]).toEqual([200, []]);
    expect(await counts('Proportion')).toEqual([{ 'initial-population': 2, denominator: 2, numerator: 2 }, 1]);
    expect(await counts('Proportion', '&subject=Patient/ana')).toEqual([
      { 'initial-population': 1, denominator: 1, numerator: 1 },
      1,
    ]);
  });

  test('ratio of observations', async () => {
    const populations = {
      'initial-population': 'Child Stays',
      denominator: 'Child Stays',
      numerator: 'Long Stays',
      'measure-observation-of-d': ['Hours', ['criteriaReference', 'denominator'], ['aggregateMethod', 'Sum']],
      'measure-observation-of-n': ['Hours', ['criteriaReference', 'numerator'], ['aggregateMethod', 'Sum']],
    } as const;
    const answer = await post(
      measure('Ratio', 'ratio', populations as never, { basis: 'Encounter' }),
      library('Ratio', { cql: cqlOf('Ratio', children) }),
      stays,
    );
    expect([answer.status, refusalOf(answer)]).toEqual([200, []]);
    const observed = { 'measure-observation-of-d': 3, 'measure-observation-of-n': 2 };
    expect(await counts('Ratio')).toEqual([
      { 'initial-population': 3, denominator: 3, numerator: 2, ...observed },
      8 / 9,
    ]);
  });

  test('cohort', async () => {
    await post(
      measure('Cohort', 'cohort', { 'initial-population': 'Child' }),
      library('Cohort', { cql: cqlOf('Cohort', children) }),
      stays,
    );
    expect(await counts('Cohort')).toEqual([{ 'initial-population': 2 }, undefined]);
  });

  test('continuous variable over episodes', async () => {
    const populations = {
      'initial-population': 'Child Stays',
      'measure-population': 'Child Stays',
      'measure-observation': ['Hours', ['aggregateMethod', 'Median']],
    } as const;
    await post(
      measure('Hours', 'continuous-variable', populations as never, { basis: 'Encounter' }),
      library('Hours', { cql: cqlOf('Hours', children) }),
      stays,
    );
    expect(await counts('Hours')).toEqual([
      { 'initial-population': 3, 'measure-population': 3, 'measure-observation': 3 },
      2,
    ]);
  });

  test('continuous variable of quantities, told in its scoringUnit', async () => {
    const populations = {
      'initial-population': 'Child Stays',
      'measure-population': 'Child Stays',
      'measure-observation': ['Length', ['aggregateMethod', 'Median']],
    } as const;
    const inMinutes = measure('Length', 'continuous-variable', populations as never, { basis: 'Encounter' });
    const minutes = { coding: [{ system: 'http://unitsofmeasure.org', code: 'min', display: 'minutes' }] };
    const url = 'http://hl7.org/fhir/us/cqfmeasures/StructureDefinition/cqfm-scoringUnit';
    inMinutes.extension?.push({ url, valueCodeableConcept: minutes });
    const answer = await post(inMinutes, library('Length', { cql: cqlOf('Length', children) }), stays);
    expect([answer.status, refusalOf(answer)]).toEqual([200, []]);
    const [group] = (await evaluate('Length')).json.group;
    expect(group.measureScore).toMatchObject({ value: 120, unit: 'minutes' });
  });

  describe('criteria that hold CQL of their own', () => {
    const cql = cqlOf('Inline', children);
    const inline = (numerator: string, language = 'text/cql') => {
      const made = measure('Inline', 'proportion', {
        'initial-population': 'Child',
        denominator: 'Had Stay',
        numerator,
      });
      for (const { criteria } of made.group?.[0]?.population ?? []) criteria.language = language;
      return made;
    };
    const place = 'Measure.group[0].population[2].criteria.expression';
    const text = `exists ("Child Stays" E where hours between E.period."start".value and E.period."end".value >= 2)`;

    test('are refused with line and column where they are no CQL', async () => {
      const wrong = await post(inline('exists (\n  "Child Stayed")'), library('Inline', { cql }), stays);
      expect([wrong.status, refusalOf(wrong)]).toEqual([
        422,
        [
          [
            'invalid',
            'Library Inline does not define this, and as CQL: line 2, column 3: Could not resolve identifier Child Stayed in the current library.',
            place,
          ],
        ],
      ]);
    });

    test('are refused where they define something, and in another language', async () => {
      const more = inline('true)\ndefine "Child Stays Besides": (true');
      const defining = await post(more, library('Inline', { cql }), stays);
      expect([defining.status, refusalOf(defining)[0]?.slice(1)]).toEqual([
        422,
        ['The criteria have to hold one expression, and no definition.', place],
      ]);
      const path = await post(inline('Patient.active', 'text/fhirpath'), library('Inline', { cql }), stays);
      expect([path.status, refusalOf(path)[0]?.[1]]).toEqual([
        422,
        expect.stringMatching(/has to name a CQL definition/),
      ]);
    });

    test('are refused where there is only the ELM of the library, and of a name that it does not define', async () => {
      const translations = createTranslations();
      const { elm } = unwrap(await translations.translate({ cql, libraries: [] }, house.store));
      await translations.close();
      const without = await post(inline(text), library('Inline', { elm }), stays);
      expect([without.status, refusalOf(without)[0]?.slice(1)]).toEqual([
        422,
        [expect.stringMatching(/^The criteria hold CQL of their own, which needs the CQL of library Inline/), place],
      ]);
      const absent = await post(inline('Nobody'), library('Inline', { cql }), stays);
      expect([absent.status, refusalOf(absent)[0]?.[1]]).toEqual([422, 'Library Inline does not define "Nobody".']);
    });

    test('are evaluated with what the library defines, and explained', async () => {
      const answer = await post(inline(text), library('Inline', { cql }), stays);
      expect([answer.status, refusalOf(answer)]).toEqual([200, []]);
      expect(await counts('Inline')).toEqual([{ 'initial-population': 2, denominator: 2, numerator: 2 }, 1]);
      const found = await house.fhir('GET', '/Measure?name=Inline');
      expect(found.json.entry[0].resource.group[0].population[2].criteria).toEqual({
        language: 'text/cql',
        expression: text,
      });
      expect(JSON.stringify(await explain('Inline', 'ana'))).toContain(`${place} (Inline`);
    });
  });

  test('composite of measures that are there', async () => {
    const composite: r4.Measure = {
      resourceType: 'Measure',
      url: 'http://example.org/Measure/Both',
      version: '1.0.0',
      status: 'active',
      scoring: { coding: [{ code: 'composite' }] },
      compositeScoring: { coding: [{ code: 'all-or-nothing' }] },
      relatedArtifact: [{ type: 'composed-of', resource: 'http://example.org/Measure/Proportion|1.0.0' }],
    };
    const answer = await post(composite);
    expect([answer.status, refusalOf(answer)]).toEqual([200, []]);
    expect((await evaluate('Both')).json.group[0].measureScore.value).toBe(1);
    const explained = await explain('Both', 'ana');
    const groupOf = (of: r4.ParametersParameter[] | undefined) => of?.find(({ name }) => name === 'group')?.part;
    const own = groupOf(explained.parameter) ?? [];
    const [told, second] = own.filter(({ name }) => name === 'component');
    expect(second).toBeUndefined();
    expect(own.filter(({ name }) => name === 'population').flatMap(({ part }) => part ?? [])).not.toContainEqual(
      expect.objectContaining({ name: 'because' }),
    );
    expect(told?.part).toContainEqual({
      name: 'measure',
      valueCanonical: 'http://example.org/Measure/Proportion|1.0.0',
    });
    const numerator = groupOf(told?.part)?.find(({ part }) => part?.[0]?.valueCode === 'numerator');
    const because = numerator?.part?.find(({ name }) => name === 'because')?.part;
    expect(because).toContainEqual({ name: 'holds', valueBoolean: true });
    const weight = (valueDecimal: number) => ({
      url: 'http://hl7.org/fhir/us/cqfmeasures/StructureDefinition/cqfm-weight',
      valueDecimal,
    });
    const weighted = await post(
      {
        ...composite,
        url: 'http://example.org/Measure/Weighted',
        compositeScoring: { coding: [{ code: 'weighted' }] },
        relatedArtifact: [
          { extension: [weight(0.25)], type: 'composed-of', resource: 'http://example.org/Measure/Proportion|1.0.0' },
          // Children who had a visit, and less is better: nobody meets both.
          { extension: [weight(0.75)], type: 'composed-of', resource: 'http://example.org/Measure/Avoided' },
        ],
      },
      {
        ...measure('Avoided', 'proportion', {
          'initial-population': 'Child',
          denominator: 'Child',
          numerator: 'Had Stay',
        }),
        improvementNotation: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/measure-improvement-notation', code: 'decrease' }],
        },
      },
      library('Avoided', { cql: cqlOf('Avoided', children) }),
    );
    expect([weighted.status, refusalOf(weighted)]).toEqual([200, []]);
    expect((await evaluate('Weighted')).json.group[0].measureScore.value).toBe(0.25);
    const component = (await house.fhir('GET', '/Measure?name=Proportion')).json.entry[0].resource;
    const retired = await house.fhir('PUT', `/Measure/${component.id}`, { ...component, status: 'retired' });
    expect([retired.status, issuesOf(retired.json)[0]?.[1]]).toEqual([
      422,
      expect.stringMatching(
        /^Measure\/.+ needs this and could not run any more: Component .+\/Proportion\|1.0.0 is not among/,
      ),
    ]);
    // Together with its component in one transaction, whichever comes first.
    const part = measure('Part', 'proportion', {
      'initial-population': 'Child',
      denominator: 'Child',
      numerator: 'Had Stay',
    });
    const whole = {
      ...composite,
      url: 'http://example.org/Measure/Whole',
      relatedArtifact: [{ type: 'composed-of' as const, resource: 'http://example.org/Measure/Part' }],
    };
    const together = await post(whole, part, library('Part', { cql: cqlOf('Part', children) }));
    expect([together.status, refusalOf(together)]).toEqual([200, []]);
    expect((await evaluate('Whole')).json.group[0].measureScore.value).toBe(1);
    const gone = await post({
      ...composite,
      url: 'http://example.org/Measure/Half',
      relatedArtifact: [{ type: 'composed-of', resource: 'http://example.org/Measure/None' }],
    });
    expect(gone.status).toBe(422);
    expect(issuesOf(gone.json)).toEqual([
      [
        'not-found',
        'Component http://example.org/Measure/None is not among the measures that can run.',
        'Measure.relatedArtifact',
      ],
    ]);
  });
});

test('a measure posted with ELM only runs, with a library that it includes', async () => {
  const shared = cqlOf('Shared', `context Patient\ndefine "Girl": Patient.gender.value = 'female'\n`);
  const main = cqlOf(
    'Girls',
    `include Shared version '1.0.0' called S\ncontext Patient\ndefine "All": true\ndefine "Girl": S."Girl"\n`,
  );
  const translations = createTranslations();
  const elmOf = async (cql: string) => {
    const libraries = [{ name: 'Shared', version: '1.0.0', cql: shared }];
    return unwrap(await translations.translate({ cql, libraries }, house.store)).elm;
  };
  const populations = { 'initial-population': 'All', denominator: 'All', numerator: 'Girl' };
  const elms = { main: await elmOf(main), shared: await elmOf(shared) };
  await translations.close();
  const answer = await post(
    measure('Girls', 'proportion', populations),
    library('Girls', { elm: elms.main, dependsOn: ['http://example.org/Library/Shared|1.0.0'] }),
    library('Shared', { elm: elms.shared }),
  );
  expect([answer.status, refusalOf(answer)]).toEqual([200, []]);
  expect(await counts('Girls')).toEqual([{ 'initial-population': 3, denominator: 3, numerator: 1 }, 1 / 3]);
});

describe('is refused with every reason', () => {
  const all = { 'initial-population': 'Child', denominator: 'Child', numerator: 'Child' };
  const refused = async (...resources: Parameters<typeof transaction>) => {
    const { status, json } = await post(...resources);
    return { status, issues: json.resourceType === 'OperationOutcome' ? issuesOf(json) : [] };
  };

  test('CQL with errors: library, line and column', async () => {
    const cql = cqlOf('Broken', 'context Patient\ndefine "Child": exists [Encountr]\ndefine "B": 1 +\n');
    expect(await refused(measure('Broken', 'proportion', all), library('Broken', { cql }))).toEqual({
      status: 422,
      issues: [
        ['invalid', 'Library Broken, line 7, column 0: Syntax error at <EOF>', "Library.where(name='Broken').content"],
        [
          'invalid',
          'Library Broken, line 5, column 24: Could not resolve type name Encountr.',
          "Library.where(name='Broken').content",
        ],
      ],
    });
    const type = cqlOf('Broken', 'context Patient\ndefine "Child": exists [Encountr]\n');
    expect((await refused(measure('Broken', 'proportion', all), library('Broken', { cql: type }))).issues).toEqual([
      [
        'invalid',
        'Library Broken, line 5, column 24: Could not resolve type name Encountr.',
        "Library.where(name='Broken').content",
      ],
    ]);
    // Also the Library alone.
    expect((await refused(library('Broken', { cql: type }))).issues[0]?.[1]).toMatch(/line 5, column 24/);
    expect((await house.fhir('GET', '/Library?name=Broken&_summary=count')).json.total).toBe(0);
  });

  test('a model that cannot be translated here, a missing library, an unknown value set, an unknown expression', async () => {
    const qicore = `library Other version '1.0.0'\nusing QICore version '4.1.1'\ncontext Patient\ndefine "Child": true\n`;
    expect((await refused(measure('Other', 'proportion', all), library('Other', { cql: qicore }))).issues[0]?.[1]).toBe(
      'The model QICore 4.1.1 is not here for translation: post its model info as a Library of type model-definition, or send the library as ELM (application/elm+json).',
    );
    expect(await refused(measure('Other', 'proportion', all))).toEqual({
      status: 422,
      issues: [['not-found', 'Library http://example.org/Library/Other|1.0.0 is not here.', 'Measure.library[0]']],
    });
    const included = cqlOf('Other', `include Gone version '2'\ncontext Patient\ndefine "Child": true\n`);
    expect((await refused(measure('Other', 'proportion', all), library('Other', { cql: included }))).issues).toEqual([
      ['not-found', 'Library Other includes Gone version 2, which is not here.', 'Measure.library[0]'],
    ]);
    const sets = cqlOf(
      'Other',
      `valueset "Rare": 'http://example.org/ValueSet/rare'\ncontext Patient\ndefine "Child": exists [Encounter: "Rare"]\n`,
    );
    expect(
      (await refused(measure('Other', 'proportion', { ...all, numerator: 'Adult' }), library('Other', { cql: sets })))
        .issues,
    ).toEqual([
      [
        'not-found',
        'Library Other uses value set "Rare" (http://example.org/ValueSet/rare), which is not here.',
        'Measure.library[0]',
      ],
      ['not-found', 'Library Other does not define "Adult".', 'Measure.group[0].population[2].criteria.expression'],
    ]);
  });

  test('malformed ELM, an ELM node that nobody knows, a scoring without its populations', async () => {
    const content = [{ contentType: 'application/elm+json', data: Buffer.from('{"library":').toString('base64') }];
    expect((await refused(measure('Elm', 'proportion', all), { ...library('Elm', {}), content })).issues).toEqual([
      ['structure', 'Library Elm: its ELM is not JSON.', 'Library.content[0]'],
    ]);
    const elm = (node: object) => ({
      library: {
        identifier: { id: 'Elm', version: '1.0.0' },
        statements: { def: [{ name: 'Child', context: 'Patient', expression: node }] },
      },
    });
    const unknown = await refused(measure('Elm', 'proportion', all), library('Elm', { elm: elm({ type: 'Guess' }) }));
    expect(unknown.issues[0]?.[1]).toMatch(/Elm.*Child.*Guess|Guess.*Elm.*Child/);
    const { issues } = await refused(
      measure('Elm', 'continuous-variable', { 'initial-population': 'Child' }),
      library('Elm', { elm: elm({ type: 'Null' }) }),
    );
    expect(issues.map(([, text]) => text)).toEqual([
      'A continuous-variable group needs a population measure-population.',
      'A continuous-variable group needs a population measure-observation.',
    ]);
  });

  test('a measure without a Library; as a draft it is kept and says why it does not run', async () => {
    const { library: _, ...without } = measure('Without', 'proportion', all);
    expect((await refused(without)).issues).toEqual([['required', 'The measure names no Library.', 'Measure.library']]);
    expect((await post({ ...without, status: 'draft' })).status).toBe(200);
    const asked = await evaluate('Without');
    expect([asked.status, issuesOf(asked.json)]).toEqual([
      422,
      [['required', 'The measure cannot run. The measure names no Library.', 'Measure.library']],
    ]);
    expect((await evaluate('Nowhere')).status).toBe(404);
  });

  test('what would stop a measure that runs', async () => {
    const found = await house.fhir('GET', '/Library?name=Proportion');
    const gone = await house.fhir('DELETE', `/Library/${found.json.entry[0].resource.id}`);
    expect([gone.status, issuesOf(gone.json)[0]?.[1]]).toEqual([
      422,
      expect.stringMatching(
        /^Measure\/.+ needs this and could not run any more: Library http:\/\/example.org\/Library\/Proportion\|1.0.0 is not here\./,
      ),
    ]);
  });

  test('a second measure of the same url and version', async () => {
    const twin = await house.fhir('POST', '/Measure', measure('Proportion', 'proportion', all));
    expect([twin.status, issuesOf(twin.json)[0]?.[1]]).toEqual([
      422,
      expect.stringMatching(/^Measure\/.+ has this url and version: give yours another version, or retire that one\.$/),
    ]);
  });

  test('a newer version of what comes with the house, which whoever asks by its url would be told of', async () => {
    const url = 'http://careweave.org/fhir/Measure/well-child-visits';
    const library = ['http://example.org/Library/Proportion|1.0.0'];
    const newer = measure('Newer', 'proportion', all, { url, version: '99.0.0', library });
    const answer = await house.fhir('POST', '/Measure', newer);
    expect([answer.status, issuesOf(answer.json)[0]?.[1]]).toEqual([
      422,
      expect.stringMatching(/comes with Careweave/),
    ]);
  });

  test('a change to what comes with the house', async () => {
    const stored = await house.fhir('GET', '/Measure/well-child-visits');
    const changed = await house.fhir('PUT', '/Measure/well-child-visits', { ...stored.json, title: 'Mine' });
    expect(changed.status).toBe(422);
    expect((await house.fhir('DELETE', '/Library/well-child-visits')).status).toBe(422);
  });
});
