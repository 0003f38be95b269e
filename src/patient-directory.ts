import { visibilityOf } from './access/decide.ts';
import type { Principal } from './access/types.ts';
import type { Directory, EncounterChoice, PatientChoice } from './auth/launch-context/directory.ts';
import { limits } from './base/limits.ts';
import type { Definitions } from './fhir/definitions.ts';
import { parseJson } from './fhir/json.ts';
import { parseSearch } from './fhir/search/parse.ts';
import { isObject } from './fhir/search/walk-path.ts';
import type { Store, Stored, Visibility } from './store/types.ts';

interface Parts {
  store: Store;
  definitions: Definitions;
  fhirBaseUrl: string;
  /** The principal with what the privacy policy leaves it now. */
  admit(principal: Principal): Promise<Principal>;
}

/** Who may choose whom on the pages of the authorization server: what the one access decision lets this person see, and nothing beside it. */
export function patientDirectory(parts: Parts): Directory {
  const { store } = parts;
  const seenBy = (fhirUser: string) => viewOf(fhirUser, parts);
  return {
    async patientsOf(fhirUser) {
      if (fhirUser.startsWith('Practitioner/')) return 'all';
      const { visibility, listed } = await seenBy(fhirUser);
      const found = await Promise.all(listed.map((id) => store.readSeen('Patient', id, visibility)));
      return found.flatMap((stored) => choiceOf(stored) ?? []).sort((one, other) => one.name.localeCompare(other.name));
    },
    async search(fhirUser, name) {
      const words = name.split(/\s+/).filter((word) => word !== '');
      if (words.length === 0) return [];
      const asked = words.map((word) => ['name', word.replace(/[\\,|$]/g, '\\$&')] as const);
      const count = ['_count', String(limits.people.choices)] as const;
      const options = { handling: 'strict', baseUrl: parts.fhirBaseUrl } as const;
      const parsed = parseSearch(parts.definitions, 'Patient', [...asked, ['_sort', 'family'], count], options);
      if (!parsed.ok) return [];
      const page = await store.search(parsed.value.query, (await seenBy(fhirUser)).visibility);
      return page.ok ? page.value.matches.flatMap((stored) => choiceOf(stored) ?? []) : [];
    },
    async patient(fhirUser, patientId) {
      const { visibility, listed } = await seenBy(fhirUser);
      if (!fhirUser.startsWith('Practitioner/') && !listed.includes(patientId)) return undefined;
      return choiceOf(await store.readSeen('Patient', patientId, visibility));
    },
    async proxiesOf(patientId) {
      const seesAll: Visibility = { kind: 'all' };
      const types = ['RelatedPerson'];
      const found = await store.compartment({ patientId, types, count: limits.people.grantsShown }, seesAll);
      if (!found.ok) return [];
      return found.value.matches.map(({ id, json }) => ({
        fhirUser: `RelatedPerson/${id}`,
        contacts: objects(fieldsOf(json).telecom).flatMap(({ value }) => (typeof value === 'string' ? [value] : [])),
      }));
    },
    async hasEncounter(fhirUser, patientId, encounterId) {
      const stored = await store.readSeen('Encounter', encounterId, (await seenBy(fhirUser)).visibility);
      if (!stored || stored.deleted) return false;
      const { subject } = fieldsOf(stored.json);
      return isObject(subject) && subject.reference === `Patient/${patientId}`;
    },
    async task(fhirUser, taskId) {
      const stored = await store.readSeen('Task', taskId, (await seenBy(fhirUser)).visibility);
      return stored && !stored.deleted ? fieldsOf(stored.json) : undefined;
    },
    async recordsOf(fhirUser, patientId, type) {
      const { visibility } = await seenBy(fhirUser);
      const count = limits.people.grantsShown;
      const found = await store.compartment({ patientId, types: [type], count }, visibility);
      if (!found.ok) return [];
      const dated = found.value.matches.map(recordOf);
      const newest = dated.sort((one, other) => other.date.localeCompare(one.date));
      return newest.slice(0, limits.people.choices).map(({ choice }) => choice);
    },
    async encountersOf(fhirUser, patientId) {
      const { visibility } = await seenBy(fhirUser);
      const count = limits.people.grantsShown;
      const found = await store.compartment({ patientId, types: ['Encounter'], count }, visibility);
      if (!found.ok) return [];
      const dated = found.value.matches.flatMap((stored) => encounterOf(stored) ?? []);
      const newest = dated.sort((one, other) => other.start.localeCompare(one.start));
      return newest.slice(0, limits.people.choices).map(({ choice }) => choice);
    },
  };
}

/** What this person may read, and the patients whom it is about by name: of a proxy the children, of a young person themselves. */
async function viewOf(fhirUser: string, { admit }: Parts): Promise<{ visibility: Visibility; listed: string[] }> {
  const interactions = new Set(['r', 's'] as const);
  const principal = await admit({
    kind: 'user',
    id: fhirUser,
    clientId: 'careweave',
    scopes: [{ level: 'user', type: '*', interactions }],
    fhirUser,
  });
  const listed = (principal.view?.grants ?? []).flatMap(({ patients }) => patients ?? []);
  return { visibility: visibilityOf(principal, 'r'), listed: [...new Set(listed)] };
}

function choiceOf(stored: Stored | undefined): PatientChoice | undefined {
  if (!stored || stored.deleted) return undefined;
  const { name, birthDate } = fieldsOf(stored.json);
  const choice: PatientChoice = { id: stored.id, name: nameOf(name) };
  if (typeof birthDate === 'string') choice.birthDate = birthDate;
  return choice;
}

/** The official or usual name; never one of the former. */
function nameOf(names: unknown): string {
  const current = objects(names).filter(({ use }) => use !== 'old');
  const best = ['official', 'usual'].map((wanted) => current.find(({ use }) => use === wanted)).find(Boolean);
  const one = best ?? current[0];
  if (!one) return 'a child without a name';
  if (typeof one.text === 'string' && one.text !== '') return one.text;
  const given = Array.isArray(one.given) ? one.given : [];
  return [...given, one.family].filter((part) => typeof part === 'string').join(' ') || 'a child without a name';
}

function encounterOf({ id, json }: Stored): { choice: EncounterChoice; start: string } | undefined {
  const { type, period } = fieldsOf(json);
  const start = isObject(period) && typeof period.start === 'string' ? period.start : '';
  const [first] = objects(type);
  const [coding] = objects(first?.coding);
  const words = [first?.text, coding?.display].find((text) => typeof text === 'string' && text !== '') ?? 'Visit';
  return { choice: { id, name: start === '' ? String(words) : `${String(words)}, ${start.slice(0, 10)}` }, start };
}

/** Elements that say what a record is, and when. The first that is there. */
const wordElements = ['code', 'type', 'medicationCodeableConcept', 'vaccineCode', 'description', 'title', 'category'];
const dateElements = [
  ...['started', 'effectiveDateTime', 'performedDateTime', 'occurrenceDateTime', 'onsetDateTime', 'authoredOn'],
  ...['authored', 'date', 'issued', 'recordedDate', 'recorded', 'created', 'start', 'startDate'],
];

function recordOf({ type, id, json }: Stored): { choice: EncounterChoice; date: string } {
  const fields = fieldsOf(json);
  const found = dateElements.map((name) => fields[name]).find((value) => typeof value === 'string');
  const words = wordElements.flatMap((name) => {
    const value = fields[name];
    const concepts = objects(Array.isArray(value) ? value : [value]);
    return [value, ...concepts.flatMap(({ text, coding }) => [text, ...objects(coding).map((one) => one.display)])];
  });
  const said = words.find((text) => typeof text === 'string' && text !== '') ?? type;
  const date = typeof found === 'string' ? found.slice(0, 10) : '';
  return { choice: { id, name: date === '' ? String(said) : `${String(said)}, ${date}` }, date };
}

function fieldsOf(json: string): Record<string, unknown> {
  const value: unknown = parseJson(json);
  return isObject(value) ? value : {};
}

function objects(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
