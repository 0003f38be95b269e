import { isOfType, type Typed } from '../../of-type.ts';
import type { Resource, r4 } from '../../types.ts';
import { attributionOf, type Writers } from '../attribution.ts';
import { compareText, type Index, referenceOf } from '../index-of.ts';
import { reconciledFrom } from '../reconciled.ts';
import type { Attribution, PlanSection, SectionCode, SectionLine } from '../section-types.ts';
import type { ActionLine, GoalLine, HospitalPlan, ReferralLine, TeamMember } from '../types.ts';

/** What the sections are made from: the plan, its surroundings as the reader sees them, and the lines that were made of them already. */
export interface Chart {
  plan: Resource & Typed<'CarePlan'>;
  patient?: Resource & Typed<'Patient'>;
  index: Index;
  writers: Writers;
  goals: readonly GoalLine[];
  actions: readonly ActionLine[];
  referrals: readonly ReferralLine[];
  team: readonly TeamMember[];
  hospitalPlans: readonly HospitalPlan[];
  contributors: readonly string[];
  /** The day that ages and expiry are for: today, or the plan's newest change where the text must not change with time. */
  day?: string;
}

type Of<T extends r4.FhirResource['resourceType']> = Resource & Typed<T>;

/** The chart's records of one type, in a fixed order. */
export function all<T extends r4.FhirResource['resourceType']>(chart: Chart, type: T): Of<T>[] {
  return chart.index
    .ofType(type)
    .filter((one): one is Of<T> => isOfType(one, type))
    .sort((a, b) => compareText(a.id, b.id));
}

export function section(
  code: SectionCode,
  title: string,
  lines: readonly SectionLine[],
  parts: readonly (PlanSection | undefined)[] = [],
): PlanSection | undefined {
  const kept = parts.filter((part) => part !== undefined);
  return lines.length + kept.length === 0 ? undefined : { code, title, lines: [...lines], parts: kept };
}

export interface Told {
  words: string | undefined;
  facts?: readonly (string | false | undefined)[];
  open?: boolean;
}

/** The line for one record: its words, what else it says, and who says so. Nothing for a record without words. */
export function lineFor(chart: Chart, resource: Resource, { words, facts = [], open = true }: Told): SectionLine[] {
  if (words === undefined || words.trim() === '') return [];
  const said = saidOf(resource, chart);
  return [{ references: [referenceOf(resource)], words, facts: facts.filter(isText), said, open }];
}

/** Who says so: of a record that stands for others (D19) also everybody who says these. */
export function saidOf(resource: Resource, { index, writers }: Chart): Attribution[] {
  const behind = reconciledFrom(resource).flatMap((reference) => index.get(reference) ?? []);
  return [resource, ...behind].map((one) => attributionOf(one, index, writers));
}

export function isText(text: string | false | undefined): text is string {
  return typeof text === 'string' && text !== '';
}

export function byWords(a: SectionLine, b: SectionLine): number {
  return (
    Number(b.open) - Number(a.open) ||
    compareText(a.words.toLowerCase(), b.words.toLowerCase()) ||
    compareText(a.references[0], b.references[0])
  );
}

/** True for a code in one of the concepts, whatever the system unless one is given. */
export function hasCode(
  concepts: readonly r4.CodeableConcept[] | r4.CodeableConcept | undefined,
  codes: ReadonlySet<string>,
  system?: string,
): boolean {
  const list: readonly r4.CodeableConcept[] = Array.isArray(concepts)
    ? concepts
    : concepts === undefined
      ? []
      : [concepts as r4.CodeableConcept];
  return list.some(({ coding }) =>
    coding?.some(
      (one) => one.code !== undefined && codes.has(one.code) && (system === undefined || one.system === system),
    ),
  );
}

/** The day of a date or an instant. */
export function day(text: string | undefined): string | undefined {
  return text?.slice(0, 10);
}
