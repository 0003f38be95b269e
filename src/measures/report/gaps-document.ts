import { newId } from '../../base/ids.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { MeasureDefinition } from '../types.ts';
import type { GapStatus } from './gap-status.ts';
import { criteriaReference } from './individual.ts';
import { canonicalOf } from './measure-report.ts';

const gapStatusExtension = 'http://hl7.org/fhir/us/davinci-deqm/StructureDefinition/extension-gapStatus';
const gapStatusSystem = 'http://hl7.org/fhir/us/davinci-deqm/CodeSystem/gaps-status';
const gapReasonSystem = 'http://hl7.org/fhir/us/davinci-deqm/CodeSystem/care-gap-reason';

/** Where a child stands in a group. */
export interface Gap {
  group: string;
  label: string;
  status: GapStatus;
  /** Why a gap is open. */
  reason?: 'NotFound' | 'Present';
  /** What is looked for and is not in the record. */
  notFound?: readonly r4.DataRequirement[];
}

/** One measure of a child's document: its report, and where the child stands in each group that is told. */
export interface MeasureGaps {
  measure: MeasureDefinition;
  report: Resource & { id: string };
  gaps: readonly Gap[];
}

export interface GapsOptions {
  patientId: string;
  /** As the asker may see it; goes into the document. */
  patient?: Resource;
  reporter: string;
  now: Date;
  /** A document with a Composition, or a plain collection. */
  isDocument: boolean;
}

/** A child's gaps in care as one Bundle. Source: Da Vinci DEQM, gaps in care reporting. */
export function gapsBundle(measures: readonly MeasureGaps[], options: GapsOptions): Resource {
  const { patientId, patient, now, isDocument } = options;
  const parts = measures.map((part) => {
    const told = part.gaps.map((gap) => ({ gap, guidance: guidanceOf(part, gap, options) }));
    return {
      ...part,
      issues: told.map(({ gap, guidance }) => issueOf(part, gap, guidance, options)),
      guidance: told.flatMap(({ guidance }) => guidance ?? []),
    };
  });
  const composition = isDocument ? [compositionOf(parts, options)] : [];
  const resources: Resource[] = [
    ...composition,
    ...parts.map(({ report }) => report),
    ...parts.flatMap(({ issues }) => issues),
    ...parts.flatMap(({ guidance }) => guidance),
  ];
  return {
    resourceType: 'Bundle',
    meta: { profile: ['http://careweave.org/fhir/StructureDefinition/care-gaps-bundle'] },
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${newId()}` },
    type: isDocument ? 'document' : 'collection',
    timestamp: now.toISOString(),
    entry: [
      ...resources.map((resource) => ({ fullUrl: `urn:uuid:${resource.id}`, resource })),
      ...(patient ? [{ fullUrl: `urn:careweave:Patient:${patientId}`, resource: patient }] : []),
    ],
  };
}

function issueOf(
  { report }: MeasureGaps,
  { group, status, label }: Gap,
  guidance: { id: string } | undefined,
  { patientId, now }: GapsOptions,
): Resource & { id: string } {
  const issue: r4.DetectedIssue = {
    resourceType: 'DetectedIssue',
    id: newId(),
    meta: { profile: ['http://careweave.org/fhir/StructureDefinition/care-gap'] },
    modifierExtension: [
      { url: gapStatusExtension, valueCodeableConcept: { coding: [{ system: gapStatusSystem, code: status }] } },
    ],
    status: 'final',
    code: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'CAREGAP', display: 'Care Gaps' }],
      text: label,
    },
    patient: { reference: `Patient/${patientId}` },
    identifiedDateTime: now.toISOString(),
    evidence: [
      {
        detail: [
          {
            extension: [{ url: criteriaReference, valueString: group }],
            reference: `urn:uuid:${report.id}`,
          },
          ...(guidance ? [{ reference: `urn:uuid:${guidance.id}` }] : []),
        ],
      },
    ],
  };
  return { ...issue, id: issue.id ?? '' };
}

/** Why a gap is open, and what may close it. Source: Da Vinci DEQM, detailed care gap guidance. */
function guidanceOf(
  { measure }: MeasureGaps,
  { reason, notFound = [] }: Gap,
  { patientId, now }: GapsOptions,
): (Resource & { id: string }) | undefined {
  // Where all that is looked for was found, something about it does not fit: $explain tells what.
  if (reason === undefined || (reason === 'NotFound' && notFound.length === 0)) return undefined;
  const id = newId();
  const guidance: r4.GuidanceResponse = {
    resourceType: 'GuidanceResponse',
    moduleCanonical: canonicalOf(measure),
    status: reason === 'NotFound' ? 'data-required' : 'success',
    subject: { reference: `Patient/${patientId}` },
    occurrenceDateTime: now.toISOString(),
    reasonCode: [{ coding: [{ system: gapReasonSystem, code: reason }] }],
    ...(notFound.length > 0 && { dataRequirement: [...notFound] }),
  };
  return { ...guidance, id };
}

/** The report with what was remarked on its groups. */
export function remarked(report: Resource, remarks: ReadonlyMap<string, readonly r4.Extension[]>): Resource {
  if (remarks.size === 0) return report;
  const { group = [] } = report as unknown as r4.MeasureReport;
  return {
    ...report,
    group: group.map((each) => ({
      ...each,
      extension: [...(each.extension ?? []), ...(remarks.get(each.id ?? '') ?? [])],
    })),
  };
}

function compositionOf(
  parts: readonly (MeasureGaps & { issues: readonly (Resource & { id: string })[] })[],
  { patientId, now, reporter }: GapsOptions,
): Resource {
  const composition: r4.Composition = {
    resourceType: 'Composition',
    id: newId(),
    meta: { profile: ['http://careweave.org/fhir/StructureDefinition/care-gaps-composition'] },
    contained: [organization(reporter)],
    status: 'final',
    type: { coding: [{ system: 'http://loinc.org', code: '96315-7', display: 'Gaps in care report' }] },
    subject: { reference: `Patient/${patientId}` },
    date: now.toISOString(),
    author: [{ reference: '#reporter' }],
    title: 'Gaps in care',
    section: parts.map(({ measure, report, issues }) => ({
      title: measure.resource.title ?? measure.resource.name ?? measure.name,
      focus: { reference: `urn:uuid:${report.id}` },
      entry: issues.map(({ id }) => ({ reference: `urn:uuid:${id}` })),
    })),
  };
  return { ...composition };
}

function organization(name: string): r4.Organization {
  return { resourceType: 'Organization', id: 'reporter', active: true, name };
}
