import type { Resource, r4 } from '../../fhir/types.ts';
import type { Tally } from '../counts.ts';
import { conceptOfStratum, type Stratum, splitStratum, unknownStratum } from '../stratum.ts';
import type { GroupDefinition, MeasureDefinition, Period } from '../types.ts';
import { type GroupCounts, type Splitting, severalValues } from './add-up.ts';
import { honestScore, scoreQuantity } from './score.ts';

/** What every MeasureReport of ours has. Source: FHIR R4, MeasureReport; Da Vinci DEQM. */
export interface ReportContext {
  measure: MeasureDefinition;
  period: Period;
  now: Date;
  /** IANA name of the zone whose days the period counts. */
  zone: string;
  /** Name of the organization that reports. */
  reporter: string;
}

const groupLink = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-MeasureReport.group.linkId';
const populationLink = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-MeasureReport.group.population.linkId';
const stratifierLink = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-MeasureReport.group.stratifier.linkId';
const scoringExtension = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-MeasureReport.group.scoring';
const improvementExtension =
  'http://hl7.org/fhir/5.0/StructureDefinition/extension-MeasureReport.group.improvementNotation';
export const absentReason = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

const populationSystem = 'http://terminology.hl7.org/CodeSystem/measure-population';

/** What of a count is printed. Undefined: everything, exactly. */
export interface Hiding {
  /** True when the count is not shown. `stratum` is absent for the whole group. */
  count(group: string, population: string, stratifier?: string, stratum?: Stratum): boolean;
  score(group: string, stratifier?: string, stratum?: Stratum): boolean;
  /** The largest count that is not told, wherever in the report. */
  largest: number;
}

/** Which List tells the members of a population, by the id of a contained resource. */
export type ListOf = (group: string, population: string, stratifier?: string, stratum?: Stratum) => string | undefined;

export interface GroupOptions {
  hiding?: Hiding;
  listOf?: ListOf;
}

/** The groups of a report, in the order of the measure. */
export function reportGroups(
  measure: MeasureDefinition,
  counts: readonly GroupCounts[],
  { hiding, listOf }: GroupOptions = {},
): r4.MeasureReportGroup[] {
  return counts.map(({ group, tally, split }, index) => {
    const score = hiding?.score(group.id) ? undefined : honestScore(group, tally);
    const authored = measure.resource.group?.[index];
    const stratifier = split
      .filter(({ strata }) => strata.length > 0)
      .map(({ by, strata }) => stratifierOf(group, by, strata, { hiding, listOf }));
    return {
      id: group.id,
      extension: [
        { url: groupLink, valueString: group.id },
        { url: scoringExtension, valueCodeableConcept: codeOf('measure-scoring', group.scoring) },
        { url: improvementExtension, valueCodeableConcept: codeOf('measure-improvement-notation', group.improvement) },
      ],
      ...(authored?.code && { code: authored.code }),
      population: group.populations.map((population) => {
        const hidden = hiding?.count(group.id, population.id) ?? false;
        return populationEntry(group, population.id, tally, hidden, listOf?.(group.id, population.id));
      }),
      ...(score && { measureScore: scoreQuantity(score) }),
      ...(stratifier.length > 0 && { stratifier }),
    };
  });
}

function stratifierOf(
  group: GroupDefinition,
  by: Splitting,
  strata: readonly { stratum: Stratum; tally: Tally }[],
  { hiding, listOf }: GroupOptions,
): r4.MeasureReportGroupStratifier {
  const told = group.populations.filter(({ id }) => by.appliesTo === undefined || by.appliesTo.includes(id));
  return {
    id: by.id,
    extension: [{ url: stratifierLink, valueString: by.id }],
    ...(by.code && { code: [by.code] }),
    stratum: strata.map(({ stratum, tally }) => {
      const shown = hiding?.score(group.id, by.id, stratum) || by.appliesTo !== undefined;
      const score = shown ? undefined : honestScore(group, tally);
      return {
        ...stratumValue(by, stratum),
        population: told.map(({ id }) => {
          const hidden = hiding?.count(group.id, id, by.id, stratum) ?? false;
          return populationEntry(group, id, tally, hidden, listOf?.(group.id, id, by.id, stratum));
        }),
        ...(score && { measureScore: scoreQuantity(score) }),
      };
    }),
  };
}

/** A stratum's value, or those of its components. Unknown and several values are said in words. */
function stratumValue(by: Splitting, stratum: Stratum): Partial<r4.MeasureReportGroupStratifierStratum> {
  const [first] = by.components;
  if (by.components.length <= 1 || !first) return { value: conceptOf(stratum) };
  const parts = splitStratum(stratum, by.components.length);
  return {
    component: by.components.map(({ id, code }, place) => ({
      code: code ?? { text: id },
      value: conceptOf(parts[place] ?? unknownStratum),
    })),
  };
}

export function conceptOf(stratum: Stratum): r4.CodeableConcept {
  if (stratum === severalValues) return { text: 'Several' };
  const unknown = {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor', code: 'UNK', display: 'unknown' }],
    text: 'Unknown',
  };
  return conceptOfStratum(stratum) ?? unknown;
}

function populationEntry(
  group: GroupDefinition,
  id: string,
  tally: Tally,
  hidden: boolean,
  list: string | undefined,
): r4.MeasureReportGroupPopulation & { _count?: r4.Element } {
  const population = group.populations.find((each) => each.id === id);
  const count = hidden
    ? { _count: { extension: [{ url: absentReason, valueCode: 'masked' }] } }
    : { count: tally.counts[id] ?? 0 };
  return {
    id,
    extension: [{ url: populationLink, valueString: id }],
    code: { coding: [{ system: populationSystem, code: population?.code ?? '' }] },
    ...count,
    ...(list !== undefined && { subjectResults: { reference: `#${list}` } }),
  };
}

function codeOf(system: string, code: string): r4.CodeableConcept {
  return { coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }] };
}

const profileOf = {
  individual: 'measure-report-individual',
  'subject-list': 'measure-report-subject-list',
  summary: 'measure-report-summary',
  'data-collection': 'measure-report-data-exchange',
} as const;

/** A report of one of the profiles of ours, without an id: it is not stored. `rest` adds what the type needs. */
export function createReport(
  context: ReportContext,
  type: r4.MeasureReport['type'],
  rest: Partial<r4.MeasureReport>,
): Resource {
  const { measure, period, now, reporter } = context;
  const { contained = [], extension = [], ...others } = rest;
  const { improvementNotation } = measure.resource;
  const organization: r4.Organization = { resourceType: 'Organization', id: 'reporter', active: true, name: reporter };
  const report: r4.MeasureReport = {
    resourceType: 'MeasureReport',
    meta: { profile: [`http://careweave.org/fhir/StructureDefinition/${profileOf[type]}`] },
    ...(others.text && { text: others.text }),
    contained: [organization, ...contained],
    ...(extension.length > 0 && { extension }),
    status: 'complete',
    type,
    measure: canonicalOf(measure),
    date: now.toISOString(),
    reporter: { reference: '#reporter' },
    period: { start: period.start, end: period.end },
    ...(improvementNotation && type !== 'data-collection' && { improvementNotation }),
    ...others,
  };
  return { ...report };
}

export function canonicalOf({ resource: { url = '', version } }: MeasureDefinition): string {
  return version === undefined ? url : `${url}|${version}`;
}
