import { stableId } from '../../base/ids.ts';
import { isRestricted } from '../../fhir/plan-view/restricted.ts';
import type { PlanSection, PlanView } from '../../fhir/plan-view.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { sectionContent } from './section-html.ts';

export const compositionProfile = `${canonicalBase}/StructureDefinition/shared-plan-composition`;
export const reviewStateUrl = `${canonicalBase}/StructureDefinition/plan-review-state`;
const sectionSystem = `${canonicalBase}/CodeSystem/shared-plan-section`;

/** LOINC codes of sections that other programs know by them. */
const loinc: Readonly<Record<string, readonly [code: string, display: string]>> = {
  'about-me': ['95541-9', 'Care experience preference'],
  'care-team': ['85847-2', 'Patient Care team information'],
  problems: ['11450-4', 'Problem list - Reported'],
  allergies: ['48765-2', 'Allergies and adverse reactions Document'],
  medications: ['10160-0', 'History of Medication use Narrative'],
  devices: ['46264-8', 'History of medical device use'],
  procedures: ['47519-4', 'History of Procedures Document'],
  immunizations: ['11369-6', 'History of Immunization note'],
  goals: ['61146-7', 'Goals Narrative'],
};

export interface DocumentDeps {
  /** Our FHIR base, without a trailing slash. */
  baseUrl: string;
  now: Date;
}

/**
 * The shared plan as a document Bundle (FHIR R4, documents.html): a Composition with the sections of the view, then the records they point to and whom those
 * name. `resources` are the records that the view was made of, each as the reader is told it.
 */
export function planDocumentBundle(view: PlanView, resources: readonly Resource[], deps: DocumentDeps): Resource {
  const told = new Map(resources.map((resource) => [`${resource.resourceType}/${resource.id}`, resource]));
  const composition = compositionOf(view, told, deps);
  const named = [view.reference, view.child.reference, ...view.sections.flatMap(referencesOf)];
  const entries = withNamed(named, told);
  const restricted = entries.some(isRestricted);
  const id = composition.id ?? '';
  const bundle: r4.Bundle = {
    resourceType: 'Bundle',
    type: 'document',
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${stableId('plan-bundle', id)}` },
    timestamp: deps.now.toISOString(),
  };
  const entry = [
    { fullUrl: `urn:uuid:${id}`, resource: { ...composition, confidentiality: restricted ? 'R' : 'N' } },
    ...entries.map((resource) => ({
      fullUrl: `${deps.baseUrl}/${resource.resourceType}/${resource.id}`,
      resource,
    })),
  ];
  return { ...bundle, entry };
}

function compositionOf(
  view: PlanView,
  told: ReadonlyMap<string, Resource>,
  { now }: DocumentDeps,
): r4.Composition & Resource {
  const plan = told.get(view.reference) as (Resource & r4.CarePlan) | undefined;
  const composition: r4.Composition = {
    resourceType: 'Composition',
    id: stableId('plan-composition', view.reference, now.toISOString()),
    meta: { profile: [compositionProfile] },
    extension: [reviewStateOf(view)],
    identifier: { system: `${canonicalBase}/shared-plan`, value: view.reference },
    status: 'final',
    type: { coding: [{ system: 'http://loinc.org', code: '18776-5', display: 'Plan of care note' }] },
    subject: { reference: view.child.reference, display: view.child.name },
    date: now.toISOString(),
    author: [
      ...(plan?.author?.reference !== undefined && told.has(plan.author.reference) ? [plan.author] : []),
      { identifier: { system: `${canonicalBase}/room`, value: 'care' }, display: 'Careweave' },
    ],
    title: view.title,
    event: [{ detail: [{ reference: view.reference }] }],
    section: view.sections.map((one) => sectionOf(one, told)),
  };
  return { ...composition } as r4.Composition & Resource;
}

/** What a program needs to know of the review without reading the words: the day, whether it has passed, and what is missing. */
function reviewStateOf({ review }: PlanView): r4.Extension {
  const { last, due, overdue, missing } = review;
  return {
    url: reviewStateUrl,
    extension: [
      ...(last === undefined ? [] : [{ url: 'last', valueDate: last }]),
      ...(due === undefined ? [] : [{ url: 'due', valueDate: due }]),
      { url: 'overdue', valueBoolean: overdue === true },
      ...(missing === undefined ? [] : [{ url: 'complete', valueBoolean: missing.length === 0 }]),
      ...(missing ?? []).map((valueString) => ({ url: 'missing', valueString })),
    ],
  };
}

function sectionOf(section: PlanSection, told: ReadonlyMap<string, Resource>): r4.CompositionSection {
  const { code, title, lines, parts } = section;
  const [known, display] = loinc[code] ?? [];
  const references = [...new Set(lines.flatMap((line) => line.references))].filter((reference) => told.has(reference));
  const content = sectionContent({ ...section, parts: [] });
  return {
    title,
    code: {
      coding: [
        { system: sectionSystem, code, display: title },
        ...(known === undefined ? [] : [{ system: 'http://loinc.org', code: known, display }]),
      ],
    },
    ...(content !== '' && {
      text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>` },
    }),
    ...(references.length > 0 && { entry: references.map((reference) => ({ reference })) }),
    ...(parts.length > 0 && { section: parts.map((part) => sectionOf(part, told)) }),
  };
}

function referencesOf({ lines, parts }: PlanSection): string[] {
  return [...lines.flatMap(({ references }) => references), ...parts.flatMap(referencesOf)];
}

/** What is named, whom that names, and so on among the people and organizations; each once, in a fixed order. */
function withNamed(named: readonly string[], told: ReadonlyMap<string, Resource>): Resource[] {
  const found = new Map<string, Resource>();
  let wanted: readonly string[] = named;
  while (wanted.length > 0) {
    const fresh = [...new Set(wanted)].filter((key) => !found.has(key) && told.has(key));
    for (const key of fresh) found.set(key, told.get(key) as Resource);
    wanted = fresh.flatMap((key) => people(found.get(key)));
  }
  return [...found.values()];
}

const person =
  /^(RelatedPerson|Practitioner|PractitionerRole|Organization|Location|Medication|HealthcareService|Device)\/[^/]+/;

function people(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(people);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (name !== 'reference' || typeof inner !== 'string') return typeof inner === 'object' ? people(inner) : [];
    const match = person.exec(inner)?.[0];
    return match === undefined ? [] : [match];
  });
}
