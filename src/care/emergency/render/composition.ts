import { stableId } from '../../../base/ids.ts';
import { isRestricted } from '../../../fhir/plan-view/restricted.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import { escaped } from '../../plan/markup.ts';
import type { EmergencyContent, Line, Section } from '../content/types.ts';
import { revalidationSystem, standingUrl } from '../terms.ts';
import type { ReasonCode } from '../triggers.ts';
import { dueHtml, linesHtml } from './html.ts';

const sectionSystem = `${canonicalBase}/CodeSystem/emergency-plan-section`;

export interface BundleOptions {
  /** Our FHIR base, without a trailing slash. */
  baseUrl: string;
  now: Date;
  reasons: readonly ReasonCode[];
}

/**
 * The plan as a document Bundle (FHIR R4, documents.html): a Composition with the very sections of the page, then the records they are made of, each as
 * the reader is told it.
 */
export function emergencyBundle(
  content: EmergencyContent,
  told: readonly Resource[],
  options: BundleOptions,
): Resource {
  const byName = new Map(told.map((resource) => [`${resource.resourceType}/${resource.id ?? ''}`, resource]));
  const plan = `CarePlan/${content.plan.id ?? ''}`;
  const named = [
    content.child.reference,
    plan,
    ...content.sections.flatMap(({ lines }) => lines.flatMap(referencesOf)),
  ];
  const keys = [...new Set(named)].filter((key) => byName.has(key));
  const entries = keys.map((key) => byName.get(key) as Resource);
  const composition = compositionOf(content, byName, options, entries.some(isRestricted));
  const bundle: r4.Bundle = {
    resourceType: 'Bundle',
    type: 'document',
    identifier: {
      system: 'urn:ietf:rfc:3986',
      value: `urn:uuid:${stableId('emergency-bundle', composition.id ?? '')}`,
    },
    timestamp: options.now.toISOString(),
  };
  const entry = [
    { fullUrl: `urn:uuid:${composition.id ?? ''}`, resource: composition },
    ...entries.map((resource) => ({
      fullUrl: `${options.baseUrl}/${resource.resourceType}/${resource.id ?? ''}`,
      resource,
    })),
  ];
  return { ...bundle, entry };
}

function compositionOf(
  content: EmergencyContent,
  told: ReadonlyMap<string, Resource>,
  { now, reasons }: BundleOptions,
  restricted: boolean,
): Resource & r4.Composition {
  const { words, plan, child, standing, sections } = content;
  const head = `<p><b>${escaped(child.name)}</b>: ${escaped(child.facts.join(' · '))}</p><p>${escaped(content.summary)}</p>`;
  const composition: r4.Composition = {
    resourceType: 'Composition',
    id: stableId('emergency-composition', plan.id ?? '', words.language, now.toISOString()),
    language: words.language,
    extension: [
      {
        url: standingUrl,
        extension: [
          { url: 'due', valueBoolean: standing.isDue },
          ...[...new Set(reasons)].map((code) => ({
            url: 'reason',
            valueCoding: { system: revalidationSystem, code },
          })),
          ...standing.missing.map((valueString) => ({ url: 'missing', valueString })),
          ...(standing.reviewedOn === undefined ? [] : [{ url: 'reviewed', valueDate: standing.reviewedOn }]),
          ...(standing.nextOn === undefined ? [] : [{ url: 'next', valueDate: standing.nextOn }]),
        ],
      },
    ],
    text: {
      status: 'generated',
      div: div(
        `${dueHtml(content).replace(' role="note"', '')}${head}<p>${escaped(`${words.asOf} ${content.asOf}`)}</p>`,
      ),
    },
    status: 'final',
    type: { coding: [{ system: 'http://loinc.org', code: '18776-5', display: 'Plan of care note' }] },
    subject: { reference: child.reference, display: child.name },
    date: now.toISOString(),
    author: [
      ...(plan.author?.reference !== undefined && told.has(plan.author.reference) ? [plan.author] : []),
      { identifier: { system: `${canonicalBase}/room`, value: 'care' }, display: 'Careweave' },
    ],
    title: words.title,
    confidentiality: restricted ? 'R' : 'N',
    section: [...checkSection(content), ...sections.map((section) => sectionOf(section, told))],
  };
  return { ...composition } as Resource & r4.Composition;
}

/** First of all, that the plan is to be checked again: families are told no narrative of a whole, so it is a section too. */
function checkSection({ standing, words }: EmergencyContent): r4.CompositionSection[] {
  if (!standing.isDue) return [];
  const why = [...standing.reasons, ...standing.missing].map((text) => ({ text, facts: [], references: [] }));
  return [
    {
      title: words.checkAgain,
      code: { coding: [{ system: sectionSystem, code: 'check-again' }] },
      text: { status: 'generated', div: div(linesHtml(why)) },
    },
  ];
}

function sectionOf({ code, title, lines }: Section, told: ReadonlyMap<string, Resource>): r4.CompositionSection {
  const references = [...new Set(lines.flatMap(referencesOf))].filter((key) => told.has(key));
  return {
    title,
    code: { coding: [{ system: sectionSystem, code }] },
    text: { status: 'generated', div: div(linesHtml(lines)) },
    ...(references.length > 0 && { entry: references.map((reference) => ({ reference })) }),
  };
}

function referencesOf({ references, lines = [] }: Line): string[] {
  return [...references, ...lines.flatMap(referencesOf)];
}

/** Narrative knows neither role nor direction `auto` (FHIR R4, narrative.html): what stands in it is plain XHTML. */
function div(html: string): string {
  return `<div xmlns="http://www.w3.org/1999/xhtml">${html.replaceAll(' dir="auto"', '')}</div>`;
}
