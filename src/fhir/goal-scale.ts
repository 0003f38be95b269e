import { isOfType } from './of-type.ts';
import type { Resource, r4 } from './types.ts';

/**
 * Goal attainment scaling as HL7's Person-Centered Outcomes guide has it (hl7.fhir.us.pco 1.0): up to five levels of a goal, each in words,
 * and scores as Observations that point to the goal. Pure and browser-safe.
 */
export const scaleUrl = 'http://hl7.org/fhir/us/pco/StructureDefinition/pco-goal-attainment-scaling';
const loinc = 'http://loinc.org';

/** LOINC answer list LL6900-6, by what a level means against the goal as it was agreed: 0 is the goal. */
const levelOf: Readonly<Record<string, Level>> = {
  'LA34479-8': 2,
  'LA34480-6': 1,
  'LA34481-4': 0,
  'LA34483-0': -1,
  'LA34484-8': -2,
};

export type Level = -2 | -1 | 0 | 1 | 2;
export type Voice = 'caregiver' | 'patient' | 'practitioner';

/** Whose score it is, by the code of the Observation (LOINC); a baseline is nobody's follow-up. */
const voiceOf: Readonly<Record<string, Voice | 'baseline'>> = {
  '107331-1': 'caregiver',
  '107334-5': 'patient',
  '107333-7': 'practitioner',
  '112296-9': 'baseline',
};

/** SNOMED CT, United Kingdom edition: "Identifying barriers to goal achievement", the code that the guide takes. */
const barrierCode = { system: 'http://snomed.info/sct', code: '811791000000103' };

/** The level that a concept or Coding says; undefined for what is none of the answer list. */
export function levelIn(codings: readonly r4.Coding[] | undefined): Level | undefined {
  const coding = codings?.find(({ system, code }) => system === loinc && Object.hasOwn(levelOf, code ?? ''));
  return coding === undefined ? undefined : levelOf[coding.code ?? ''];
}

interface ScaleLevel {
  level: Level | undefined;
  text: string | undefined;
}

/** The levels of a goal, in their order. */
export function scaleOf(goal: Pick<r4.Goal, 'extension'>): ScaleLevel[] {
  const levels = (goal.extension ?? []).filter(({ url }) => url === scaleUrl);
  return levels.map(({ extension }) => {
    const coding = extension?.find(({ url }) => url === 'level')?.valueCoding;
    return {
      level: coding && levelIn([coding]),
      text: extension?.find(({ url }) => url === 'progressText')?.valueString,
    };
  });
}

export interface Score {
  voice: Voice | 'baseline';
  level: Level | undefined;
  /** When it was assessed; empty when it is not said. */
  at: string;
  /** `Goal/id`, of the one goal that it is about. */
  goal: string | undefined;
}

/** Undefined for an Observation that is no score of a goal. */
export function scoreOf(resource: Resource | undefined): Score | undefined {
  if (!isOfType(resource, 'Observation')) return undefined;
  const code = resource.code?.coding?.find(
    (one) => one.system === loinc && Object.hasOwn(voiceOf, one.code ?? ''),
  )?.code;
  const voice = code === undefined ? undefined : voiceOf[code];
  if (voice === undefined) return undefined;
  return {
    voice,
    level: levelIn(resource.valueCodeableConcept?.coding),
    at: resource.effectiveDateTime ?? resource.effectivePeriod?.end ?? resource.effectivePeriod?.start ?? '',
    goal: goalIn(resource),
  };
}

export function isBarrier(resource: Resource | undefined): resource is Resource & r4.Observation {
  if (!isOfType(resource, 'Observation')) return false;
  return (
    resource.code?.coding?.some(({ system, code }) => system === barrierCode.system && code === barrierCode.code) ===
    true
  );
}

/** The goal that an Observation has as its focus, when it is one. */
export function goalIn({ focus }: r4.Observation): string | undefined {
  const goals = (focus ?? []).map(({ reference }) => reference?.split('/_history/')[0] ?? '');
  const [first, ...others] = goals.filter((one) => /^Goal\/[A-Za-z0-9.-]{1,64}$/.test(one));
  return others.length > 0 ? undefined : first;
}

interface Attainment {
  /** The newest follow-up of each voice. */
  latest: Partial<Record<Voice, Score>>;
  baseline?: Score;
  /**
   * What the scores suggest: `achieved` when every voice that spoke is at the goal or better, `not-achieved` when none is, `differing` when they
   * do not say the same. Undefined without a follow-up. A suggestion: people set `achievementStatus`.
   */
  suggests?: 'achieved' | 'not-achieved' | 'differing';
}

/** What the scores of a goal say together. Scores without a level or a time, entered in error or of another goal are the caller's to leave out. */
export function attainmentOf(scores: readonly Score[]): Attainment {
  const attainment: Attainment = { latest: {} };
  for (const score of [...scores].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))) {
    if (score.level === undefined) continue;
    if (score.voice === 'baseline') attainment.baseline = score;
    else attainment.latest[score.voice] = score;
  }
  const levels = Object.values(attainment.latest).flatMap(({ level }) => (level === undefined ? [] : [level]));
  if (levels.length === 0) return attainment;
  const reached = levels.filter((level) => level >= 0).length;
  attainment.suggests = reached === levels.length ? 'achieved' : reached === 0 ? 'not-achieved' : 'differing';
  return attainment;
}
