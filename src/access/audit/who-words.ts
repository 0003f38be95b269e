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
  const partners = await partnersKnown(reader, visibility, patientId);
  return ({ person, client, act, request }) => {
    const partner = partners.get(person ?? `client/${client}`);
    if (partner !== undefined) return { word: 'partner', text: partner };
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

/**
 * Names of the organizations for which people and systems work (`Practitioner/…`, `client/…`): of those to which a consent speaks that this
 * viewer sees. Of others nothing is said that would tell of them: they are of some care organization.
 */
async function partnersKnown(
  reader: Reader,
  visibility: Visibility,
  patientId: string,
): Promise<ReadonlyMap<string, string>> {
  const consents = (await reader.recordsOf([patientId], ['Consent'])).map(({ stored }) => stored);
  const seen = await Promise.all(consents.map((stored) => reader.sees(visibility, stored)));
  const organizations = consents.flatMap(({ json }, at) => (seen[at] ? namedIn(json) : []));
  if (organizations.length === 0) return new Map();
  const rows = await reader.query<{ party: string; name: string | null }>(
    `SELECT p.party, o.content::jsonb ->> 'name' AS name FROM access_partner p
       JOIN resource o ON o.type = 'Organization' AND o.id = p.organization_id AND NOT o.deleted
      WHERE p.organization_id = ANY ($1)`,
    [organizations],
  );
  return new Map(rows.flatMap(({ party, name }) => (name === null ? [] : [[party, name] as const])));
}

/** Ids of the organizations that a consent names. */
function namedIn(json: string): string[] {
  const { provision } = parseJson(json) as r4.Consent;
  return (provision?.actor ?? []).flatMap(({ reference }) => {
    const [type, id = ''] = (reference.reference ?? '').split('/');
    return type === 'Organization' ? [id] : [];
  });
}

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
