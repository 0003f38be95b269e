import { isMirror } from '../../../../fhir/mirror.ts';
import { ofType } from '../../../../fhir/of-type.ts';
import type { Resource, r4 } from '../../../../fhir/types.ts';
import type { Answer, Ask, FhirClient } from '../../../shared/fhir-client.ts';
import { nameOf } from '../../../shared/names.ts';

/** What a new referral may be for, and who may be asked. */
export interface Choices {
  reasons: Choice[];
  services: Choice[];
  organizations: Choice[];
}

export interface Choice {
  /** `Type/id`. */
  reference: string;
  text: string;
  /** A need of daily life (food, housing …), which referrals say of themselves too. */
  isNeed?: boolean;
}

const needCategory = { system: 'http://hl7.org/fhir/us/core/CodeSystem/us-core-category', code: 'sdoh' };
const programProfile = 'http://careweave.org/fhir/StructureDefinition/care-management-program';
const over = new Set(['resolved', 'inactive', 'remission']);

export async function readChoices(client: FhirClient, patientId: string): Promise<Answer<Choices>> {
  const [conditions, services, organizations] = await Promise.all([
    client.all(`Condition?patient=${patientId}&_count=200`),
    client.all('HealthcareService?_count=200&_sort=name'),
    client.all('Organization?_count=200&_sort=name'),
  ]);
  if (!conditions.ok) return conditions;
  if (!services.ok) return services;
  if (!organizations.ok) return organizations;
  return {
    ok: true,
    value: {
      reasons: ofType(conditions.value, 'Condition').filter(isOpen).map(reasonOf).sort(byNeedThenText),
      // One is enrolled in a program, not referred to it.
      services: choicesOf(ofType(services.value, 'HealthcareService').filter((one) => !isProgram(one))),
      organizations: choicesOf(ofType(organizations.value, 'Organization').filter(({ active }) => active !== false)),
    },
  };
}

function choicesOf(resources: readonly Resource[]): Choice[] {
  return resources.map((one) => ({
    reference: `${one.resourceType}/${one.id}`,
    text: nameOf({ ...one }) ?? one.id ?? '',
  }));
}

const isProgram = ({ meta }: Resource) => meta?.profile?.includes(programProfile) === true;
const isOpen = ({ clinicalStatus }: r4.Condition) =>
  clinicalStatus?.coding?.some(({ code }) => over.has(code ?? '')) !== true;

function reasonOf(condition: Resource & r4.Condition): Choice {
  const isNeed = (condition.category ?? []).some(({ coding = [] }) =>
    coding.some(({ system, code }) => system === needCategory.system && code === needCategory.code),
  );
  const text = nameOf(condition) ?? condition.id ?? '';
  return { reference: `Condition/${condition.id}`, text, isNeed: isNeed && !isMirror(condition) };
}

function byNeedThenText(a: Choice, b: Choice): number {
  return Number(b.isNeed) - Number(a.isNeed) || a.text.localeCompare(b.text);
}

export interface Wanted {
  patientId: string;
  /** Who asks, `Practitioner/id`. */
  me: string;
  service: string;
  reason: Choice | undefined;
  owner: string;
  priority: string;
  /** `YYYY-MM-DD`; '' when no day is set. */
  due: string;
  /** What the family said of it; '' when nothing is written down. */
  consent: string;
  isTold: boolean;
}

/** Within one transaction: what the Task calls its request. */
const requestUrl = 'urn:uuid:5b0f7c52-8a7e-4f3b-9d9c-1d6a0c8e2f10';
const sharedTag = { system: 'http://careweave.org/fhir/CodeSystem/sharing', code: 'family-shared' };
const fulfill = { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] };

/**
 * A referral as decision D9 has it: the request, and the Task that asks somebody to carry it out. `key`: a UUID that it is known by, so that what is sent
 * twice is there once.
 */
export function referralOf(wanted: Wanted, now: Date, key: string): Ask[] {
  const { patientId, me, service, reason, owner, priority, due, consent, isTold } = wanted;
  const subject = { reference: `Patient/${patientId}` };
  const requester = { reference: me };
  const authoredOn = now.toISOString();
  const identifier = [{ system: 'urn:ietf:rfc:3986', value: `urn:uuid:${key}` }];
  const ifNoneExist = `identifier=urn:ietf:rfc:3986|urn:uuid:${key}`;
  const told = isTold ? { meta: { tag: [sharedTag] } } : {};
  const request: Resource & r4.ServiceRequest = {
    ...told,
    resourceType: 'ServiceRequest',
    identifier,
    status: 'active',
    intent: 'order',
    priority: priority as r4.ServiceRequest['priority'],
    ...(reason?.isNeed === true && { category: [{ coding: [needCategory] }] }),
    code: { text: service },
    subject,
    requester,
    performer: [{ reference: owner }],
    authoredOn,
    ...(reason && { reasonReference: [{ reference: reason.reference }] }),
    ...(due !== '' && { occurrencePeriod: { end: due } }),
    ...(consent !== '' && { note: [{ authorReference: requester, time: authoredOn, text: consent }] }),
  };
  const task: Resource & r4.Task = {
    ...told,
    resourceType: 'Task',
    identifier,
    status: 'requested',
    businessStatus: {
      coding: [{ system: 'http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS', code: '2.0' }],
    },
    intent: 'order',
    priority: priority as r4.Task['priority'],
    code: fulfill,
    description: service,
    focus: { reference: requestUrl },
    for: subject,
    authoredOn,
    requester,
    owner: { reference: owner },
    ...(due !== '' && { restriction: { period: { end: due } } }),
  };
  return [
    { method: 'POST', url: 'ServiceRequest', resource: request, fullUrl: requestUrl, ifNoneExist },
    { method: 'POST', url: 'Task', resource: task, ifNoneExist },
  ];
}
