import { createHash } from 'node:crypto';
import { type Steps, whole } from '../../base/in-slices.ts';
import { stringifyJson } from '../../fhir/json.ts';
import { isMirror, mirrorSite } from '../../fhir/mirror.ts';
import { isOfType, ofType, type Typed } from '../../fhir/of-type.ts';
import { closedTaskStates } from '../../fhir/plan-view/actions.ts';
import { type Compared, comparedOf, conceptOf, wordsOf } from '../../fhir/plan-view/alike.ts';
import { closedGoalStates } from '../../fhir/plan-view/goals.ts';
import { compareText, conceptText, referenceOf } from '../../fhir/plan-view/index-of.ts';
import { reconciledFrom } from '../../fhir/plan-view/reconciled.ts';
import { closedRequestStates } from '../../fhir/plan-view/referrals.ts';
import { isSharedPlan } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { sidesOf } from './contradictions.ts';
import { importSystem } from './import/import-system.ts';
import { type Medicine, medicineOf } from './medicine.ts';
import { type Denied, deniedBy } from './no-known-allergy.ts';
import { statedDate } from './stated-date.ts';

/** The kinds of records that are held against each other, and the resource types of each. */
export const kindsOfRecords = {
  problem: ['Condition'],
  allergy: ['AllergyIntolerance'],
  medication: ['MedicationRequest', 'MedicationStatement'],
  goal: ['Goal'],
  activity: ['ServiceRequest', 'Task'],
} as const satisfies Record<string, readonly string[]>;
export type About = keyof typeof kindsOfRecords;

/** What has to be read of a child for it; Medication comes by reference. */
export const reconciledTypes: readonly string[] = [...Object.values(kindsOfRecords).flat(), 'CarePlan'];

/** One record that counts today, as the comparisons see it. */
export interface Item {
  reference: string;
  about: About;
  resource: Resource;
  /** What of its concept is compared. */
  concept: Compared;
  /** As a person reads it. */
  text: string;
  codes: readonly string[];
  /** Of the text. */
  words: readonly string[];
  phrase: string;
  /** Code systems that it is coded in. */
  systems: ReadonlySet<string>;
  /** Of an allergy's record that says there is none. */
  denied?: Denied;
  /** Of a medicine. */
  medicine?: Medicine;
  /** Which side it takes, by the name of a contradiction; looked at once, because every pair asks. */
  sides: ReadonlyMap<string, 0 | 1>;
  /** Site id of a mirror; undefined: written here. */
  site?: string;
  /** Site id of whoever says it, also of a Task that was made of an activity written out in a hospital's plan; or the source of an imported plan. */
  origin?: string;
  /** The date stated in it. */
  date?: string;
  /** What a decision about it rests on: another hash is another content. */
  hash: string;
}

export interface Chart {
  patientId: string;
  /** Current ones only, in a fixed order. */
  items: readonly Item[];
  byReference: ReadonlyMap<string, Resource>;
  /** Records that one of ours stands for, and what people took out of the shared plan: nothing is asked about these by themselves. */
  settled: ReadonlySet<string>;
  /** `system|code` → all that subsume it, as far as their code system is loaded. */
  ancestors: ReadonlyMap<string, ReadonlySet<string>>;
  now: Date;
  staleMonths: number;
}

export interface ChartOptions {
  patientId: string;
  removed?: ReadonlySet<string>;
  ancestors?: Chart['ancestors'];
  now: Date;
  staleMonths: number;
}

/** The child's records for comparing. Pure; the order of the resources does not matter. */
export function chartOf(resources: readonly Resource[], options: ChartOptions): Chart {
  return whole(chartSteps(resources, options));
}

/** The same, a record a step. */
export function* chartSteps(resources: readonly Resource[], options: ChartOptions): Steps<Chart> {
  const byReference = new Map(resources.map((resource) => [referenceOf(resource), resource]));
  const lookUp = (reference: string) => byReference.get(reference);
  const items: Item[] = [];
  for (const resource of resources) {
    const item = isCurrent(resource) ? itemOf(resource, lookUp) : undefined;
    if (item) items.push(item);
    yield;
  }
  items.sort((a, b) => compareText(a.reference, b.reference));
  const { patientId, now, staleMonths, removed = [], ancestors = new Map() } = options;
  const ours = resources.filter((resource) => !isMirror(resource) && isCurrent(resource));
  const settled = new Set([...ours.flatMap(reconciledFrom), ...removed]);
  return { patientId, items, byReference, settled, ancestors, now, staleMonths };
}

function itemOf(resource: Resource, lookUp: (reference: string) => Resource | undefined): Item | undefined {
  const about = aboutOf(resource.resourceType);
  if (about === undefined) return undefined;
  const concept = conceptOf(resource, lookUp);
  const text = textOf(resource) ?? conceptText(concept) ?? resource.resourceType;
  const compared = comparedOf(concept);
  const words = wordsOf(text);
  const item: Item = {
    reference: referenceOf(resource),
    about,
    resource,
    concept: compared,
    text,
    codes: compared.codes,
    words,
    phrase: words.join(' '),
    systems: new Set(compared.codes.map((code) => code.split('|')[0] ?? '')),
    sides: about === 'goal' || about === 'activity' ? sidesOf(words) : noSides,
    hash: contentHash(resource),
  };
  const denied = about === 'allergy' && !has(resource.verificationStatus, 'refuted') ? deniedBy(item) : undefined;
  if (denied !== undefined) item.denied = denied;
  if (about === 'medication') item.medicine = medicineOf(resource, words);
  const site = mirrorSite(resource);
  if (site !== undefined) item.site = site;
  const origin = site ?? importOf(resource) ?? originOf(resource, lookUp);
  if (origin !== undefined) item.origin = origin;
  const date = statedDate(resource);
  if (date !== undefined) item.date = date;
  return item;
}

const noSides: ReadonlyMap<string, 0 | 1> = new Map();

/** What came with one plan from elsewhere is of one place, as what one hospital sent is. */
function importOf({ meta }: Resource): string | undefined {
  return meta?.source?.startsWith(`${importSystem}:`) ? meta.source : undefined;
}

function originOf(resource: Resource, lookUp: (reference: string) => Resource | undefined): string | undefined {
  if (!isOfType(resource, 'Task')) return undefined;
  const plans = (resource.basedOn ?? []).map(({ reference = '' }) => lookUp(reference.split('/_history/')[0] ?? ''));
  const plan = plans.find((one) => one?.resourceType === 'CarePlan');
  return plan && mirrorSite(plan);
}

export function aboutOf(type: string): About | undefined {
  const [found] = Object.entries(kindsOfRecords).filter(([, types]) => types.some((one) => one === type));
  return found?.[0] as About | undefined;
}

function textOf(resource: Resource): string | undefined {
  return resource.resourceType === 'Task' && typeof resource.description === 'string'
    ? resource.description
    : undefined;
}

const closedMedication: ReadonlySet<unknown> = new Set([
  ...['completed', 'cancelled', 'stopped', 'entered-in-error', 'draft', 'not-taken'],
]);
const endedClinically: ReadonlySet<string | undefined> = new Set(['inactive', 'resolved', 'remission']);

/** Of today: nobody reconciles what is over. What was refuted counts: another hospital may still say that it is so. */
function isCurrent(resource: Resource): boolean {
  const { resourceType, status } = resource;
  switch (resourceType) {
    case 'Condition':
    case 'AllergyIntolerance':
      return !has(resource.verificationStatus, 'entered-in-error') && !codes(resource.clinicalStatus).some(isEnded);
    case 'Goal':
      return !closedGoalStates.has(String(resource.lifecycleStatus));
    case 'ServiceRequest':
      return !closedRequestStates.has(String(status));
    case 'Task':
      return !closedTaskStates.has(String(status));
    case 'MedicationRequest':
    case 'MedicationStatement':
      return !closedMedication.has(status);
    default:
      return false;
  }
}

const isEnded = (code: string | undefined) => endedClinically.has(code);
const codes = (concept: unknown) => ((concept as r4.CodeableConcept | undefined)?.coding ?? []).map(({ code }) => code);
export const has = (concept: unknown, code: string) => codes(concept).includes(code);

/** What tells whether a record says the same as when somebody decided about it. Notes, labels and times do not count. */
const telling = [
  ...['code', 'description', 'medicationCodeableConcept', 'medicationReference', 'status', 'lifecycleStatus'],
  ...['clinicalStatus', 'verificationStatus', 'doNotPerform', 'dosageInstruction', 'dosage', 'target', 'criticality'],
  ...[
    'owner',
    'performer',
    'performerType',
    'occurrenceDateTime',
    'occurrencePeriod',
    'occurrenceTiming',
    'restriction',
  ],
  ...['period', 'bodySite', 'orderDetail', 'goal', 'reasonReference'],
];

export function contentHash(resource: Resource): string {
  const told = telling.map((element) => resource[element] ?? null);
  return createHash('sha256').update(stringifyJson(told)).digest('base64url').slice(0, 22);
}

/** The hospitals' own plans. */
export function mirroredPlans(chart: Chart): (Resource & Typed<'CarePlan'>)[] {
  return ofType([...chart.byReference.values()], 'CarePlan').filter(isMirror);
}

/** Plans but the shared one: they say which goal and which activity belong together. */
export function otherPlans(chart: Chart): (Resource & Typed<'CarePlan'>)[] {
  return ofType([...chart.byReference.values()], 'CarePlan').filter((plan) => isMirror(plan) || !isSharedPlan(plan));
}
