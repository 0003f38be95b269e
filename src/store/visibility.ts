import type { Definitions } from '../fhir/definitions.ts';
import { type Reach, reachOf } from '../fhir/patient-reach.ts';
import { selvesOf, testTokens } from './search/token.ts';
import type { Grant, Visibility } from './types.ts';

/**
 * Who sees what, as SQL: it goes into every search, count, include and history. `sees.ts` asks the same of one version: the two must
 * say the same, and `tests/access/agreement.test.ts` holds them against each other.
 */

const covers = ({ types }: Grant, type: string) => types === 'any' || types.has(type);

/** True when the visibility shows records of the type, some or all. */
export function seesType(visibility: Visibility, type: string): boolean {
  return visibility.kind === 'all' || visibility.grants.some((grant) => covers(grant, type));
}

/**
 * The grants that may show a record of the type, as they apply to it: what is about nobody (an Organization) has no patients to ask for,
 * and of types that do not say whose they are, nothing is of these patients.
 */
export function grantsOn(definitions: Definitions, grants: readonly Grant[], type: string): readonly Grant[] {
  const reach = reachOf(definitions, type);
  return grants.flatMap((grant) => {
    if (!covers(grant, type)) return [];
    if (grant.patients === undefined || reach === 'member' || reach === 'alone') return [grant];
    return reach === 'everybody' ? [{ ...grant, patients: undefined }] : [];
  });
}

/** A grant that asks nothing of the records of its types. */
function isWhole({ patients, except = [], having = [], hides = 0n }: Grant): boolean {
  return patients === undefined && except.length === 0 && having.length === 0 && hides === 0n;
}

/** True when no record of the type is hidden. */
export function seesAllOf(definitions: Definitions, visibility: Visibility, type: string): boolean {
  return visibility.kind === 'all' || grantsOn(definitions, visibility.grants, type).some(isWhole);
}

/** Up to so many patients, their records are looked at one by one. */
const fewPatients = 50;

/** True when the records of the type that may be seen are those of a few patients: then they are found by the patients. */
export function isOfPatients(definitions: Definitions, visibility: Visibility, type: string): boolean {
  if (visibility.kind === 'all') return false;
  const patients = patientsOf(grantsOn(definitions, visibility.grants, type));
  return patients !== undefined && patients.length <= fewPatients;
}

/** True when records of the type may be shown without some of their parts. */
export function isToldPartly(visibility: Visibility, type: string): boolean {
  return visibility.kind === 'limited' && visibility.partly?.types.has(type) === true;
}

/** The visibility without what it shows in part. */
export function wholly(visibility: Visibility): Visibility {
  return visibility.kind === 'all' ? visibility : { kind: 'limited', grants: visibility.grants };
}

/** Types of which the same is asked, together. */
export function alike(definitions: Definitions, visibility: Visibility, types: readonly string[]): string[][] {
  const grants = visibility.kind === 'all' ? [] : visibility.grants;
  const keyOf = (type: string) => {
    const applying = grants.filter((grant) => covers(grant, type));
    // The tokens of a test are other ones for each type.
    const own = applying.some(({ having = [] }) => having.length > 0) ? type : '';
    return [
      reachOf(definitions, type),
      isToldPartly(visibility, type),
      own,
      ...applying.map((grant) => grants.indexOf(grant)),
    ].join();
  };
  return [...Map.groupBy(types, keyOf).values()];
}

/** All patients that the grants name; undefined when one names none. */
function patientsOf(grants: readonly Grant[]): readonly string[] | undefined {
  if (grants.some(({ patients }) => patients === undefined)) return undefined;
  return [...new Set(grants.flatMap(({ patients = [] }) => patients))];
}

/** The part of a visibility that is about one patient's records: asked about one, a grant for others says nothing. */
export function withinPatient(visibility: Visibility, patientId: string): Visibility {
  if (visibility.kind === 'all') return visibility;
  const isAbout = ({ patients }: Grant) => patients === undefined || patients.includes(patientId);
  return { ...visibility, grants: visibility.grants.filter(isAbout) };
}

/** SQL that holds for rows (`r`, or as `row` says) in the compartment of a patient. `patient` is a placeholder such as `$3`. */
export function memberOf(patient: string, row = 'r'): string {
  return memberBy(`= ${patient}`, row);
}

/** `memberOf`, for rows that are in nobody else's compartment. */
export function aloneOf(patient: string, row = 'r'): string {
  return `(${row}.patient_id = ${patient} AND NOT EXISTS (SELECT FROM resource_patient p WHERE p.key = ${row}.key))`;
}

/** `memberOf` for any of several patients; `patients` is a placeholder of text[]. */
export function memberOfAny(patients: string, row = 'r'): string {
  return memberBy(`= ANY (${patients})`, row);
}

function memberBy(is: string, row: string, also = ''): string {
  // The few resources that belong to several patients come from a list made once: both halves use an index.
  return `(${row}.patient_id ${is} OR ${row}.key = ANY (ARRAY(SELECT p.key FROM resource_patient p WHERE p.patient_id ${is}${also})))`;
}

/** `memberBy`, for records that are about the patient: the first one of a record always is. */
function aboutBy(is: string, row: string): string {
  return memberBy(is, row, ' AND p.is_subject');
}

/** Adds a value to the statement and answers its placeholder; `type` is PostgreSQL's. */
type Add = (value: unknown, type: string) => string;

/** The predicate for rows of one type; undefined when every row may be seen, false when none. */
export function visibleSql(
  definitions: Definitions,
  visibility: Visibility,
  type: string,
  add: Add,
  row = 'r',
): string | undefined | false {
  if (visibility.kind === 'all') return undefined;
  const grants = grantsOn(definitions, visibility.grants, type);
  const [only, ...others] = grants;
  if (only === undefined) return false;
  if (grants.some(isWhole)) return undefined;
  const reach = reachOf(definitions, type);
  const isPartly = isToldPartly(visibility, type);
  const rest = (grant: Grant) => restSql(grant, type, isPartly, add, row);
  const ask = (grant: Grant) => joined([...patientsSql(grant.patients, reach, add, row), ...rest(grant)], 'AND');
  if (others.length === 0) return ask(only);
  // What all of them have in common is asked first, so that one patient's records are found by the patient.
  const all = patientsOf(grants);
  if (!all) return joined(grants.map(ask), 'OR');
  const common = patientsSql(all, reach, add, row);
  const isAll = ({ patients }: Grant) => new Set(patients).size === all.length;
  // A value that no condition names is an error of the statement: so nothing is added for what need not be asked.
  if (grants.some((grant) => isAll(grant) && isWhole({ ...grant, patients: undefined }))) return joined(common, 'AND');
  const each = grants.map((grant) => (isAll(grant) ? joined(rest(grant), 'AND') : ask(grant)));
  return joined([...common, joined(each, 'OR')], 'AND');
}

function joined(conditions: readonly string[], by: 'AND' | 'OR'): string {
  const [only = 'true', ...others] = conditions;
  return others.length === 0 ? only : `(${conditions.join(` ${by} `)})`;
}

function patientsSql(patients: readonly string[] | undefined, reach: Reach, add: Add, row: string): string[] {
  if (patients === undefined) return [];
  const [one, ...others] = patients;
  if (one === undefined) return ['false'];
  if (others.length === 0) {
    const patient = add(one, 'text');
    return [reach === 'alone' ? aloneOf(patient, row) : aboutBy(`= ${patient}`, row)];
  }
  const list = add(patients, 'text[]');
  if (reach !== 'alone') return [aboutBy(`= ANY (${list})`, row)];
  const stranger = `SELECT FROM resource_patient p WHERE p.key = ${row}.key AND p.patient_id <> ALL (${list})`;
  return [`(${row}.patient_id = ANY (${list}) AND NOT EXISTS (${stranger}))`];
}

/** What a grant asks besides patients. Written so that no index is started from: it says little about which rows are wanted. */
function restSql(
  { except = [], having = [], hides = 0n }: Grant,
  type: string,
  isPartly: boolean,
  add: Add,
  row: string,
): string[] {
  const all: string[] = [];
  if (except.length > 0) {
    const list = add(except, 'text[]');
    all.push(
      `(${row}.patient_id = ANY (${list})) IS NOT TRUE`,
      `${row}.key <> ALL (ARRAY(SELECT p.key FROM resource_patient p WHERE p.patient_id = ANY (${list})))`,
    );
  }
  for (const test of having) {
    // An id is no token of its record: its number says the same.
    if (test.param === '_id') all.push(`${row}.self = ANY (${add(selvesOf(type, test), 'bigint[]')})`);
    else all.push(`arrayoverlap(${row}.tokens, ${add(testTokens(type, test), 'bigint[]')})`);
  }
  // The first half is what nearly every row has, and what the planner has counted: of the second it would think that few rows meet it.
  if (hides !== 0n) {
    const hidden = add(hides.toString(), 'bigint');
    // What it inherits it is as a whole, whatever its parts are besides.
    const partly = ` OR (${row}.part_categories IS NOT NULL AND ${row}.categories & ~${row}.part_categories & ${hidden} = 0
      AND inherited_categories(${row}) & ${hidden} = 0)`;
    all.push(`(${row}.categories = 0 OR ${row}.categories & ${hidden} = 0${isPartly ? partly : ''})`);
  }
  return all;
}
