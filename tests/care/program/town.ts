import { type CareDeps, createCare } from '../../../src/care/care.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { startHttp, type TestHttp } from '../../support/http.ts';
import * as a from '../support/child.ts';

/** A small town for tests of programs: two programs, their people, and a clock that tests move. */
export interface Programs extends TestHttp {
  now: { at: Date };
  put(...resources: object[]): Promise<void>;
  /** A child of its own, with a primary care clinician and a consent to care management. */
  child(more?: object): Promise<string>;
  post(path: string, parameters: Readonly<Record<string, string>>): ReturnType<TestHttp['send']>;
  resource(type: string, id: string): Promise<any>;
  /** Runs a job of care once; throws when it does not succeed. */
  run(kind: string): Promise<void>;
}

const canonical = 'http://careweave.org/fhir';
const model = (code: string) => [{ coding: [{ system: `${canonical}/CodeSystem/care-management-model`, code }] }];

export async function openPrograms(start = '2026-05-01T09:00:00Z', more: Partial<CareDeps> = {}): Promise<Programs> {
  const now = { at: new Date(start) };
  const clock = { now: () => now.at };
  const {
    checks = [],
    effects = [],
    conclusions = [],
    operations = [],
    jobs = [],
  } = createCare({
    clock,
    ...more,
  }).module;
  const http = await startHttp({ operations, clock }, { checks, effects, conclusions, clock });
  let made = 0;
  const put: Programs['put'] = async (...resources) => {
    await a.put(http.store, a.coordinator, ...(resources as Resource[]));
  };
  const child = async (more: object = {}) => {
    made += 1;
    const id = `kid-${made}`;
    await put(
      { resourceType: 'Patient', id, generalPractitioner: [{ reference: 'Practitioner/pcp' }], ...more },
      consent(id),
    );
    return id;
  };
  await put(...people());
  const post: Programs['post'] = (path, parameters) =>
    http.send('POST', `/fhir/${path}`, {
      body: {
        resourceType: 'Parameters',
        parameter: Object.entries(parameters).map(([name, valueString]) => ({ name, valueString })),
      },
    });
  const resource = async (type: string, id: string) => (await http.send('GET', `/fhir/${type}/${id}`)).json;
  const run: Programs['run'] = async (kind) => {
    const handler = jobs.find((one) => one.kind === kind);
    const done = await handler?.run(
      { kind, key: 'all', payload: {}, attempt: 1 },
      { store: http.store, log: http.log, clock },
    );
    if (!done?.ok) throw new Error(`${kind} failed: ${JSON.stringify(done)}`);
  };
  return { ...http, now, put, child, post, resource, run };
}

export function consent(child: string, more: object = {}): object {
  return {
    resourceType: 'Consent',
    id: `yes-${child}`,
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'treatment' }] },
    category: [{ coding: [{ system: `${canonical}/CodeSystem/program-consent`, code: 'care-management' }] }],
    patient: { reference: `Patient/${child}` },
    dateTime: '2026-01-15',
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
    ...more,
  };
}

function people(): object[] {
  const practitioner = (id: string, given: string, family: string, languages: string[] = []) => ({
    resourceType: 'Practitioner',
    id,
    name: [{ given: [given], family }],
    ...(languages.length > 0 && { communication: languages.map((code) => ({ coding: [{ code }] })) }),
  });
  const role = (id: string, of: { who: string; organization: string; at: string; program: string; cap?: number }) => ({
    resourceType: 'PractitionerRole',
    id,
    active: true,
    practitioner: { reference: `Practitioner/${of.who}` },
    organization: { reference: `Organization/${of.organization}` },
    location: [{ reference: `Location/${of.at}` }],
    healthcareService: [{ reference: `HealthcareService/${of.program}` }],
    telecom: [{ system: 'phone', value: `+1-555-01${id.length}0` }],
    ...(of.cap !== undefined && {
      extension: [{ url: `${canonical}/StructureDefinition/caseload-cap`, valuePositiveInt: of.cap }],
    }),
  });
  const location = (id: string, postalCode: string) => ({
    resourceType: 'Location',
    id,
    status: 'active',
    name: id,
    address: { postalCode },
  });
  const program = (id: string, code: string, organization: string, more: object = {}) => ({
    resourceType: 'HealthcareService',
    id,
    active: true,
    name: `Program ${id}`,
    type: model(code),
    providedBy: { reference: `Organization/${organization}` },
    ...more,
  });
  return [
    ...['aco', 'vendor', 'practice', 'other-practice'].map((id) => ({
      resourceType: 'Organization',
      id,
      active: true,
      name: id,
    })),
    location('north', '00501'),
    location('south', '00502'),
    location('vendor-office', '00599'),
    practitioner('pcp', 'Imogen', 'Bellwether'),
    practitioner('gus', 'Gus', 'Whitfield', ['en']),
    practitioner('luz', 'Luz', 'Marquez', ['es', 'en']),
    practitioner('vera', 'Vera', 'Quill'),
    practitioner('home-nurse', 'Nell', 'Ashby'),
    program('regional', 'aco-central', 'aco', { coverageArea: [{ reference: 'Location/north' }] }),
    program('embedded', 'aco-embedded', 'aco', { location: [{ reference: 'Location/south' }] }),
    program('vendor', 'external', 'vendor', { coverageArea: [{ reference: 'Location/vendor-office' }] }),
    program('own', 'practice-run', 'practice'),
    role('gus-regional', { who: 'gus', organization: 'aco', at: 'north', program: 'regional', cap: 2 }),
    role('luz-regional', { who: 'luz', organization: 'aco', at: 'north', program: 'regional', cap: 3 }),
    role('gus-embedded', { who: 'gus', organization: 'aco', at: 'south', program: 'embedded' }),
    role('vera-vendor', { who: 'vera', organization: 'vendor', at: 'vendor-office', program: 'vendor' }),
  ];
}
