import path from 'node:path';
import { scopeTypes } from '../../../src/access/scope-filter.ts';
import { parseScopes } from '../../../src/access/scopes.ts';
import type { Principal } from '../../../src/access/types.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { fail, ok } from '../../../src/base/errors.ts';
import { loadDefinitions } from '../../../src/fhir/definitions.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { createValidator } from '../../../src/fhir/validate.ts';
import { coreOperations } from '../../../src/http/core-operations/index.ts';
import { createPageLinks } from '../../../src/http/page-links.ts';
import { startHttp, type TestHttp } from '../../support/http.ts';

/**
 * Two children, `a` and `b`, whose records mention each other in every way that FHIR has. Ids of what is about `b` begin with `b`. A token
 * is a scope text; with `#a` behind it, it was launched for that child: `patient/*.rs#a`.
 */
export const asA = 'patient/*.cruds#a';
export const everything = 'system/*.cruds';

const build = path.join(import.meta.dirname, '../../../build/fhir');

export async function startTwoChildren(): Promise<TestHttp> {
  const definitions = loadDefinitions(build);
  const pageLinks = createPageLinks(Buffer.alloc(32, 3), systemClock);
  const validate = createValidator(build);
  const baseUrl = 'http://ours.example/fhir';
  const operations = coreOperations({ definitions, validate, baseUrl, pageLinks, clock: systemClock });
  const verifyBearer = async (header = '') => principalOf(header.replace('Bearer ', ''), scopeTypes(definitions));
  const http = await startHttp({ verifyBearer, operations, pageLinks, publicUrl: 'http://ours.example' }, { baseUrl });
  for (const resource of records) {
    const at = `/fhir/${resource.resourceType}/${resource.id}`;
    const { status, text } = await http.send('PUT', at, { as: everything, body: resource });
    if (status !== 201) throw new Error(text);
  }
  return http;
}

function principalOf(token: string, types: ReturnType<typeof scopeTypes>) {
  const [text = '', patientId] = token.split('#');
  const { resource: scopes, unknown } = parseScopes(text, types);
  if (text === '' || unknown.length > 0) return fail('unauthorized', 'A valid access token is needed.');
  const machine: Principal = { kind: 'client', id: 'machine', clientId: 'machine', scopes };
  const person = 'Practitioner/doctor';
  const launched: Principal = { kind: 'user', id: person, clientId: 'app', fhirUser: person, scopes, patientId };
  return ok(patientId === undefined ? machine : launched);
}

const to = (reference: string) => ({ reference });
const [a, b] = [to('Patient/a'), to('Patient/b')];
const code = { coding: [{ system: 'http://loinc.org', code: '8302-2' }], text: 'Height' };
const category = (one: string) => [
  { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: one }] },
];
const observation = (id: string, subject: object, more: object = {}): Resource => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code,
  subject,
  ...more,
});

const child = (id: string, name: string, other: object): Resource => ({
  resourceType: 'Patient',
  id,
  identifier: [{ system: 'http://mrn.example', value: `mrn-${id}` }],
  name: [{ family: name }],
  generalPractitioner: [to('Practitioner/doctor')],
  link: [{ other, type: 'seealso' }],
});

const ofEach = (id: string, own: object, other: object, others: string): Resource[] => [
  observation(`${id}-vital`, own, { category: category('vital-signs'), focus: [other] }),
  observation(`${id}-lab`, own, { category: category('laboratory'), derivedFrom: [to(`Observation/${others}-vital`)] }),
  observation(`${id}-measured`, own, { performer: [other] }),
  { resourceType: 'Goal', id: `${id}-goal`, lifecycleStatus: 'active', description: { text: 'Grow' }, subject: own },
  {
    resourceType: 'CarePlan',
    id: `${id}-plan`,
    status: 'active',
    intent: 'plan',
    subject: own,
    goal: [to(`Goal/${others}-goal`)],
  },
  {
    resourceType: 'CareTeam',
    id: `${id}-team`,
    subject: own,
    participant: [{ member: other }, { member: to('Practitioner/doctor') }],
  },
  { resourceType: 'RelatedPerson', id: `${id}-mother`, patient: own },
  { resourceType: 'Device', id: `${id}-device`, patient: own },
  {
    resourceType: 'List',
    id: `${id}-list`,
    status: 'current',
    mode: 'working',
    subject: own,
    entry: [{ item: to(`Observation/${others}-lab`) }, { item: to(`Observation/${id}-lab`) }],
  },
  {
    resourceType: 'Composition',
    id: `${id}-note`,
    status: 'final',
    type: code,
    subject: own,
    date: '2026-01-01',
    author: [to('Practitioner/doctor')],
    title: 'Note',
    section: [{ title: 'Labs', entry: [to(`Observation/${others}-lab`)] }],
  },
  { resourceType: 'Task', id: `${id}-task`, status: 'requested', intent: 'order', for: own, focus: other },
  {
    resourceType: 'DocumentReference',
    id: `${id}-document`,
    status: 'current',
    type: { coding: [{ system: 'http://loinc.org', code: '34133-9' }] },
    subject: own,
    content: [{ attachment: { contentType: 'text/plain' } }],
  },
];

const records: Resource[] = [
  { resourceType: 'Practitioner', id: 'doctor' },
  { resourceType: 'Organization', id: 'clinic', name: 'Clinic' },
  child('a', 'Alder', b),
  child('b', 'Birch', a),
  ...ofEach('a', a, b, 'b'),
  ...ofEach('b', b, a, 'a'),
  {
    resourceType: 'Group',
    id: 'b-and-a',
    type: 'person',
    actual: true,
    member: [{ entity: a }, { entity: b }],
  },
];

/** What of `b` is in an answer as a resource: nothing may be. */
export function leaked(json: any): string[] {
  const found: string[] = [];
  const visit = (value: any): void => {
    if (typeof value !== 'object' || value === null) return;
    if (typeof value.resourceType === 'string' && /^b(-|$)/.test(value.id ?? ''))
      found.push(`${value.resourceType}/${value.id}`);
    for (const inner of Object.values(value)) visit(inner);
  };
  visit(json);
  return found;
}

export const idsOf = (json: any): string[] => (json.entry ?? []).map(({ resource }: any) => resource.id).sort();
