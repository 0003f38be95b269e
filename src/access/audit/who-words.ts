import { limits } from '../../base/limits.ts';
import { parseJson } from '../../fhir/json.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Reader, Visibility } from '../../store/types.ts';
import type { KeptEntry } from './entry.ts';
import type { Word } from './words.ts';

/** Who it was, in plain words: never a name of a person. */
export interface WhoWords {
  word: Word;
  /** The role and organization that the child's care team gives them. */
  text?: string;
}

/**
 * Says of an entry who it was as this viewer may know it. Of staff only what a care team says that the viewer sees: the name of another clinic
 * could tell what the child was there for.
 */
export async function whoWords(
  reader: Reader,
  visibility: Visibility,
  { patientId, viewer }: { patientId: string; viewer?: string },
): Promise<(entry: KeptEntry) => WhoWords> {
  const members = await careTeamMembers(reader, visibility, patientId);
  return ({ person, client, act, request }) => {
    if (person === undefined) {
      if (act === 'cds-hook') return { word: 'hospital' };
      return { word: client !== undefined && request !== undefined && rooms.has(client) ? 'server' : 'app' };
    }
    if (person === viewer) return { word: 'you' };
    if (person === `Patient/${patientId}`) return { word: 'patient' };
    if (isFamily(person)) return { word: 'family' };
    const text = members.get(person);
    return text === undefined ? { word: 'staff' } : { word: 'care-team', text };
  };
}

export function isFamily(person: string): boolean {
  return /^(RelatedPerson|Person|Patient)\//.test(person);
}

/** Names under which rooms of the server write. */
const rooms: ReadonlySet<string> = new Set(['care', 'ehr', 'measures', 'conformance', 'audit', 'demo', 'terminology']);

/** Role and organization of each member, by reference. */
async function careTeamMembers(
  reader: Reader,
  visibility: Visibility,
  patientId: string,
): Promise<Map<string, string>> {
  const types = ['CareTeam'];
  const found = await reader.compartment({ patientId, types, count: limits.search.defaultCount }, visibility);
  const teams = found.ok ? found.value.matches.map(({ json }) => parseJson(json) as r4.CareTeam) : [];
  return new Map(
    teams
      .flatMap(({ participant = [] }) => participant)
      .flatMap(({ member, role, onBehalfOf }) => {
        const called = role?.[0]?.text ?? role?.[0]?.coding?.[0]?.display;
        const text = [called, onBehalfOf?.display].filter((word) => word !== undefined).join(', ');
        return member?.reference === undefined || text === '' ? [] : [[member.reference, text]];
      }),
  );
}
