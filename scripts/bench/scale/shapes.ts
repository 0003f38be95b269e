import { patientId, practitioners, recordNumber } from '../mix/chart.ts';
import { type Random, randomOf } from '../mix/random.ts';

/** One shape of query: `path` makes one of its many instances. */
export interface Shape {
  name: string;
  /** One of the thirty that apps ask most; the others are to be fast enough, not fast. */
  common: boolean;
  path(of: { patient: string; n: number; random: Random }): string;
}

const code = (system: string, value: string) => encodeURIComponent(`${system}|${value}`);
const height = code('http://loinc.org', '8302-2');
const lead = code('http://loinc.org', '5671-3');
const asthma = code('http://snomed.info/sct', '195967001');
const cvx = code('http://hl7.org/fhir/sid/cvx', '03');

const two = (number: number) => String(number).padStart(2, '0');
const year = (random: Random) => 2010 + random.below(14);
const monthOf = (random: Random) => `${year(random)}-${two(1 + random.below(12))}`;
/** A day, and the day a week later. */
const week = (random: Random) => {
  const start = Date.UTC(year(random), random.below(12), 1 + random.below(28));
  const text = (at: number) => new Date(at).toISOString().slice(0, 10);
  return { from: text(start), to: text(start + 7 * 24 * 3600 * 1000) };
};

const common = (name: string, path: Shape['path']): Shape => ({ name, common: true, path });
const rare = (name: string, path: Shape['path']): Shape => ({ name, common: false, path });

/** One child's chart: what an app at the bedside asks. */
const ofOneChild: Shape[] = [
  common('read', ({ n, random }) => `Observation/bench-o-${n}-${random.below(20)}`),
  common('vread', ({ patient }) => `Patient/${patient}/_history/1`),
  common('Patient by _id', ({ patient }) => `Patient?_id=${patient}`),
  common('Observation patient+category', ({ patient }) => `Observation?patient=${patient}&category=vital-signs`),
  common('Observation patient+code', ({ patient }) => `Observation?patient=${patient}&code=${height}`),
  common(
    'Observation patient+code+date',
    ({ patient, random }) => `Observation?patient=${patient}&code=${height}&date=ge${year(random)}`,
  ),
  common(
    'Observation patient+category newest 10',
    ({ patient }) => `Observation?patient=${patient}&category=vital-signs&_sort=-date&_count=10`,
  ),
  common(
    'Observation patient+code, three codes',
    ({ patient }) => `Observation?patient=${patient}&code=${height},${lead},8867-4`,
  ),
  common('Observation compartment path', ({ patient }) => `Patient/${patient}/Observation?code=${height}`),
  common('Condition patient+clinical-status', ({ patient }) => `Condition?patient=${patient}&clinical-status=active`),
  common('Condition patient+category', ({ patient }) => `Condition?patient=${patient}&category=problem-list-item`),
  common(
    'Immunization patient+date',
    ({ patient, random }) => `Immunization?patient=${patient}&date=ge${year(random)}`,
  ),
  common('Immunization patient+status', ({ patient }) => `Immunization?patient=${patient}&status=completed`),
  common(
    'MedicationRequest patient+intent+status',
    ({ patient }) => `MedicationRequest?patient=${patient}&intent=order&status=active`,
  ),
  common('AllergyIntolerance patient', ({ patient }) => `AllergyIntolerance?patient=${patient}`),
  common('Encounter patient newest first', ({ patient }) => `Encounter?patient=${patient}&_sort=-date`),
  common('CarePlan patient+category', ({ patient }) => `CarePlan?patient=${patient}&category=736372004`),
  common('Goal patient+lifecycle-status', ({ patient }) => `Goal?patient=${patient}&lifecycle-status=active`),
  common('ServiceRequest patient+status', ({ patient }) => `ServiceRequest?patient=${patient}&status=active`),
  common('Task patient+status', ({ patient }) => `Task?patient=${patient}&status=requested`),
  common(
    'MedicationRequest _include requester',
    ({ patient }) => `MedicationRequest?patient=${patient}&_include=MedicationRequest:requester`,
  ),
  common('CarePlan _include goals', ({ patient }) => `CarePlan?patient=${patient}&_include=CarePlan:goal`),
  common('Patient _revinclude Condition', ({ patient }) => `Patient?_id=${patient}&_revinclude=Condition:patient`),
  common('Observation patient, count only', ({ patient }) => `Observation?patient=${patient}&_summary=count`),
  rare('Patient $everything', ({ patient }) => `Patient/${patient}/$everything`),
];

/** Looking a child or a group of children up. */
const lookUps: Shape[] = [
  common(
    'Patient by identifier',
    ({ n }) => `Patient?identifier=${encodeURIComponent(Object.values(recordNumber(n)).join('|'))}`,
  ),
  common('Patient by family name', ({ n }) => `Patient?family=Moss%20${n % 997}`),
  common(
    'Patient by name and birth date',
    ({ n, random }) => `Patient?name=Hollo&birthdate=${year(random)}-0${1 + (n % 9)}`,
  ),
  common('Patient by birth dates', ({ random }) => {
    const { from, to } = week(random);
    return `Patient?birthdate=ge${from}&birthdate=lt${to}`;
  }),
  common(
    'Task by owner+status',
    ({ random }) => `Task?owner=Organization/bench-org-${random.below(20)}&status=requested`,
  ),
  common(
    '_id list',
    ({ n }) => `Patient?_id=${Array.from({ length: 20 }, (_, at) => patientId(Math.max(0, n - at))).join(',')}`,
  ),
  rare('Patient by a part of the name', ({ n }) => `Patient?name:contains=stone%20${n % 997}`),
];

/** Over everybody. */
const population: Shape[] = [
  rare('Observation code+date, one month', ({ random }) => `Observation?code=${height}&date=${monthOf(random)}`),
  rare('Observation code+date, one week', ({ random }) => {
    const { from, to } = week(random);
    return `Observation?code=${height}&date=ge${from}&date=lt${to}`;
  }),
  rare(
    'Observation code+value',
    ({ random }) =>
      `Observation?code=${lead}&value-quantity=gt${9 + random.below(9) / 10}|http://unitsofmeasure.org|ug/dL`,
  ),
  rare(
    'Observation code+value, other unit',
    ({ random }) => `Observation?code=${height}&value-quantity=lt0.${50 + random.below(9)}|http://unitsofmeasure.org|m`,
  ),
  rare('Observation code, newest first', () => `Observation?code=${lead}&_sort=-date`),
  rare('Observation, newest first', () => 'Observation?_sort=-date&_count=50'),
  rare('Observation code, oldest first', () => `Observation?code=${height}&_sort=date`),
  rare('Condition code', () => `Condition?code=${asthma}&clinical-status=active`),
  rare('Immunization vaccine+date', ({ random }) => `Immunization?vaccine-code=${cvx}&date=${monthOf(random)}`),
  rare('Encounter class+date', ({ random }) => `Encounter?class=EMER&date=${monthOf(random)}`),
  rare(
    'changed lately',
    ({ random }) => `Observation?_lastUpdated=ge2020-01-0${1 + random.below(9)}&_sort=_lastUpdated`,
  ),
  rare('Patient sorted by name', () => 'Patient?_sort=family,given'),
  rare('Observation code, counted', () => `Observation?code=${lead}&_total=accurate`),
  rare('Observation code, count only', () => `Observation?code=${height}&_summary=count`),
  rare('Patient, count only', () => 'Patient?_summary=count'),
  rare('Observation status:not', () => 'Observation?status:not=final'),
  rare('Observation code:not', () => `Observation?code:not=${height}&_count=50`),
  rare('Patient telecom:missing', () => 'Patient?telecom:missing=true'),
  rare('Observation encounter:missing', () => 'Observation?encounter:missing=true'),
  rare(
    'Observation by patient.identifier',
    ({ n }) => `Observation?patient.identifier=${encodeURIComponent(Object.values(recordNumber(n)).join('|'))}`,
  ),
  rare(
    'Observation code by patient.birthdate',
    ({ random }) => `Observation?code=${lead}&patient.birthdate=gt${2023}-${two(1 + random.below(9))}-15`,
  ),
  rare('Patient _has Condition', () => `Patient?_has:Condition:patient:code=${asthma}`),
  rare(
    'Patient _has Observation and birth date',
    ({ random }) => `Patient?birthdate=${monthOf(random)}&_has:Observation:patient:code=${lead}`,
  ),
  rare(
    'Observation by performer',
    ({ random }) => `Observation?performer=Practitioner/bench-doc-${random.below(practitioners)}&code=${lead}`,
  ),
];

export const shapes: readonly Shape[] = [...ofOneChild, ...lookUps, ...population];

/** `count` instances of a shape over the children there are: the same ones every time. */
export function instancesOf(shape: Shape, children: number, count: number): string[] {
  const random = randomOf(4711);
  return Array.from({ length: count }, () => {
    const n = random.below(children);
    return `/fhir/${shape.path({ patient: patientId(n), n, random })}`;
  });
}
