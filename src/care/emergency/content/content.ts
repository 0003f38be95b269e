import { isOfType, ofType } from '../../../fhir/of-type.ts';
import { compareText, conceptText, humanName, indexOf } from '../../../fhir/plan-view/index-of.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import { wallClock } from '../../wall-clock.ts';
import { isActivePlan } from '../check-plan.ts';
import { devicesInUse } from '../devices.ts';
import { missingScenarios } from '../missing-scenarios.ts';
import { isAccessPlan, isEmergencyPlan } from '../terms.ts';
import { type ReasonCode, weightOf } from '../triggers.ts';
import type { SectionCode, Words } from '../words.ts';
import { avoidLines } from './avoid.ts';
import { immunizationLines, medicationLines, rescueLines } from './drugs.ts';
import { deviceLines } from './equipment.ts';
import { baselineLines, problemLines, procedureLines } from './health.ts';
import { limitLines } from './limits-of-treatment.ts';
import { callLines, peopleLines } from './people.ts';
import { photoOf } from './photo.ts';
import { dayOf, phonesOf, said } from './say.ts';
import { disasterLines, scenarioLines, scenariosIn, zoneLines } from './scenarios.ts';
import type { EmergencyContent, Line, Section, Source, Standing } from './types.ts';

export interface ContentOptions {
  words: Words;
  now: Date;
  /** IANA name. */
  zone: string;
  /** The row’s state as this reader may be told it. */
  state?: { reasons: readonly ReasonCode[]; reviewedAt: Date; reviewedBy?: string; dueAt: Date };
}

/**
 * Everything that an emergency plan says (decision D6), from the records that its reader may be told. Pure, and the same for equal content but for
 * the time it is as of. Undefined when no emergency plan in force is among them.
 */
export function emergencyContent(
  resources: readonly Resource[],
  options: ContentOptions,
): EmergencyContent | undefined {
  const plans = resources.filter(isActivePlan);
  const plan = plans.find(isEmergencyPlan);
  const patient = ofType(resources, 'Patient')[0];
  if (plan === undefined || patient === undefined) return undefined;
  const access = plans.find(isAccessPlan);
  const { words, zone, now } = options;
  // A fixed order, whatever order the records were read in.
  const ordered = [...resources].sort((one, other) =>
    compareText(`${one.resourceType}/${one.id}`, `${other.resourceType}/${other.id}`),
  );
  const source: Source = {
    resources: ordered,
    index: indexOf(ordered, new Map()),
    words,
    plan,
    ...(access && { access }),
  };
  const standing = standingOf(source, options);
  const all = sectionsOf(source, zone);
  const review = reviewLines(source, standing);
  const sections = [
    ...all.filter(({ lines }) => lines.length > 0),
    { code: 'review' as const, title: words.sections.review, lines: review },
  ];
  const wall = wallClock(now, zone);
  return {
    plan,
    words,
    child: childOf(patient, source, wall.date),
    summary: plan.description ?? '',
    standing,
    asOf: `${wall.date} ${wall.time.slice(0, 5)} (${zone})`,
    sections,
    notRecorded: all.filter(({ lines }) => lines.length === 0).map(({ title }) => title),
  };
}

/** In the order in which a stranger needs them: what can kill first. */
function sectionsOf(source: Source, zone: string): Section[] {
  const lines: [SectionCode, readonly Line[]][] = [
    ['avoid', avoidLines(source)],
    ['limits', limitLines(source)],
    ['devices', deviceLines(source)],
    ['scenarios', scenarioLines(source)],
    ['rescue', rescueLines(source)],
    ['disaster', disasterLines(source)],
    ['call', callLines(source, zone)],
    ['baseline', baselineLines(source)],
    ['medications', medicationLines(source)],
    ['problems', problemLines(source)],
    ['zones', zoneLines(source)],
    ['people', peopleLines(source)],
    ['procedures', procedureLines(source)],
    ['immunizations', immunizationLines(source)],
  ];
  return lines.map(([code, own]) => ({ code, title: source.words.sections[code], lines: own }));
}

function childOf(
  patient: r4.Patient & Resource,
  { resources, words }: Source,
  today: string,
): EmergencyContent['child'] {
  const weights = resources.flatMap((one) => {
    const weight = weightOf(one);
    return weight && isOfType(one, 'Observation') ? [{ ...weight, quantity: one.valueQuantity }] : [];
  });
  const last = weights.sort((one, other) => compareText(other.on, one.on))[0];
  const spoken = patient.communication?.filter(({ preferred }) => preferred) ?? [];
  const languages = (spoken.length > 0 ? spoken : (patient.communication ?? [])).map(({ language }) =>
    conceptText(language),
  );
  const interpreter = patient.extension?.some(
    ({ url, valueBoolean }) => url.endsWith('/patient-interpreterRequired') && valueBoolean === true,
  );
  const photo = photoOf(patient);
  return {
    ...(photo && { photo }),
    reference: `Patient/${patient.id ?? ''}`,
    name: humanName(patient.name) ?? '?',
    facts: said(
      patient.birthDate && `${words.born} ${patient.birthDate}`,
      ageIn(words, patient.birthDate, today),
      patient.gender && (words.sex[patient.gender] ?? patient.gender),
      last &&
        `${words.weight} ${JSON.stringify(last.quantity?.value)} ${last.quantity?.unit ?? last.quantity?.code ?? ''} (${dayOf(last.on) ?? ''})`,
      languages.length > 0 && `${words.speaks}: ${said(...languages).join(', ')}`,
      interpreter === true && words.interpreter,
      phonesOf(patient.telecom),
    ),
  };
}

function ageIn(words: Words, birthDate: string | undefined, today: string): string | undefined {
  if (birthDate?.length !== 10 || birthDate > today) return undefined;
  const [y1 = 0, m1 = 0, d1 = 0] = birthDate.split('-').map(Number);
  const [y2 = 0, m2 = 0, d2 = 0] = today.split('-').map(Number);
  const months = (y2 - y1) * 12 + m2 - m1 - (d2 < d1 ? 1 : 0);
  const days = Math.round((Date.parse(today) - Date.parse(birthDate)) / 86_400_000);
  return words.age(Math.floor(months / 12), months, days);
}

function standingOf(source: Source, { state, zone, words }: ContentOptions): Standing {
  const lacks = missingScenarios(devicesInUse(source.resources), scenariosIn(source, source.plan));
  const missing = lacks.map(({ kind, name, device }) => words.missing[kind](name ?? device));
  const reasons = [...new Set((state?.reasons ?? []).map((code) => words.reasons[code]))];
  const by = state?.reviewedBy === undefined ? undefined : source.index.nameOf({ reference: state.reviewedBy });
  return {
    isDue: reasons.length > 0 || missing.length > 0,
    reasons,
    missing,
    ...(state && { reviewedOn: wallClock(state.reviewedAt, zone).date, nextOn: wallClock(state.dueAt, zone).date }),
    ...(by !== undefined && { reviewedBy: by }),
  };
}

function reviewLines({ plan, index, words }: Source, { reviewedOn, reviewedBy, nextOn }: Standing): Line[] {
  const checked = said(
    reviewedOn && `${words.checked} ${reviewedOn}`,
    reviewedBy && `${words.checkedBy} ${reviewedBy}`,
    nextOn && `${words.nextCheck} ${nextOn}`,
  );
  const authors = [...new Set(said(...[plan.author, ...(plan.contributor ?? [])].map((one) => index.nameOf(one))))];
  return [
    ...(checked.length > 0 ? [{ text: checked.join(', '), facts: [], references: [] }] : []),
    ...(authors.length > 0
      ? [{ label: words.labels.signed, text: authors.join(', '), facts: [], references: [] }]
      : []),
    { text: words.notWhole, facts: [], references: [] },
  ];
}
