import type pg from 'pg';
import type { Principal } from '../../../src/access/types.ts';
import type { Clock } from '../../../src/base/clock.ts';
import { type Compartments, readCompartments } from './compartments.ts';
import type { Json } from './json.ts';
import { referencesIn } from './json.ts';
import { partsOf, toldOf } from './parts.ts';
import { beyondPerson, type Reading } from './people.ts';
import { beyondReport, isMade, namedIn } from './reports.ts';
import { beyondScopes } from './scopes.ts';
import { readWorld, sensitiveCategories } from './world.ts';

/** Judges what leaves the server, record by record. */
export interface OutputVerifier {
  /** Called by the server with every answer before it is sent. Throws on a leak: the answer is a fault, and the test fails. */
  inspect(principal: Principal, answer: { status: number; json?: string; resource?: object }): Promise<void>;
  /** What was found; whoever closes the house throws when there is any. */
  leaks: string[];
  /** How many records were judged. */
  judged: number;
}

/** Answers about the server itself, and holders of other records. */
const holders = new Set(['OperationOutcome', 'CapabilityStatement', 'Bundle', 'Parameters', 'AuditEvent']);

/** `hasPolicy`: people are judged too, and not only scopes and compartments. */
export function createOutputVerifier(pool: pg.Pool, clock: Clock, hasPolicy: boolean): OutputVerifier {
  let reading: Reading | undefined;
  const verifier: OutputVerifier = {
    leaks: [],
    judged: 0,
    async inspect(principal, { status, json, resource }) {
      if (status >= 300 || (json === undefined && resource === undefined)) return;
      const told = recordsIn(json === undefined ? resource : JSON.parse(json));
      const made = told.filter(isMade);
      const named = told.filter(({ id }) => id !== undefined);
      const names = named.map((one) => `${one.resourceType}/${one.id}`);
      if (names.length === 0 && made.length === 0) return;
      const stored = await storedOf(pool, [...names, ...made.flatMap(namedIn)]);
      reading ??= { compartments: readCompartments(), categories: sensitiveCategories() };
      const world =
        principal.kind === 'user' && hasPolicy
          ? await readWorld(async (text, values) => (await pool.query(text, values)).rows, clock.now())
          : undefined;
      const { compartments, categories } = reading;
      /** Of a record without its labelled parts, or of one of them. */
      const beyondPart = (record: Json) => {
        const origins = referencesIn([record.encounter, record.context, record.basedOn]).flatMap(
          (one) => stored.get(one) ?? [],
        );
        return (
          beyondScopes(principal, record, compartments) ??
          (world && beyondPerson(principal.fhirUser ?? '', { record, origins }, world, { compartments, categories }))
        );
      };
      const beyond = (record: Json) => beyondPart(partsOf(record).rest);
      const leak = (what: string) => {
        const text = `${principal.fhirUser ?? principal.clientId} was told ${what}`;
        verifier.leaks.push(text);
        throw new Error(`leak: ${text}`);
      };
      for (const one of named) {
        const name = `${one.resourceType}/${one.id}`;
        const record = stored.get(name);
        // Made for this answer, or of another server.
        if (!record) continue;
        verifier.judged += 1;
        const { rest, parts } = partsOf(record);
        const reason = beyondPart(rest);
        if (reason !== undefined) leak(`${name}: ${reason}`);
        for (const { part, record: alone } of parts) {
          const kept = beyondPart(alone);
          if (kept !== undefined && toldOf(part, rest, one) !== undefined) leak(`a part of ${name}: ${kept}`);
        }
      }
      for (const report of made) {
        if (stored.has(`${report.resourceType}/${report.id}`)) continue;
        verifier.judged += 1;
        for (const name of namedIn(report)) {
          const record = stored.get(name);
          const reason = record && personal(record, compartments) && beyond(record);
          if (reason) leak(`of ${name} in a ${report.resourceType}: ${reason}`);
        }
        const reason = beyondReport(report, await visibleTo(pool, report, beyond));
        if (reason !== undefined) leak(`a ${report.resourceType}: ${reason}`);
      }
    },
  };
  return verifier;
}

/** Every record of an answer: of Bundles within Bundles, of the parameters of an operation. */
function recordsIn(body: unknown): Json[] {
  if (Array.isArray(body)) return body.flatMap(recordsIn);
  if (typeof body !== 'object' || body === null) return [];
  const { resourceType, entry, parameter, part, resource } = body as Json;
  if (resourceType !== undefined && !holders.has(resourceType)) return [body as Json];
  return [entry, parameter, part, resource].flatMap(recordsIn);
}

/** Measures, libraries and places are named freely. */
function personal(record: Json, compartments: Compartments): boolean {
  return record.resourceType === 'Patient' || compartments.has(record.resourceType);
}

/** How many children the reader of a report on many may see; undefined for a report on one, or on episodes. */
async function visibleTo(
  pool: pg.Pool,
  { type, measure }: Json,
  beyond: (record: Json) => string | undefined,
): Promise<number | undefined> {
  if (type !== 'summary' && type !== 'subject-list') return undefined;
  const { rows } = await pool.query<{ type: string; content: string }>(
    "SELECT type, content FROM resource WHERE type IN ('Patient', 'Measure') AND NOT deleted",
  );
  const all = rows.map(({ content }): Json => JSON.parse(content));
  const url = String(measure).split('|')[0];
  const [authored] = all.filter((one) => one.resourceType === 'Measure' && one.url === url);
  const isOfEpisodes = /populationBasis","valueCode":"(?!boolean)/.test(JSON.stringify(authored ?? {}));
  if (!authored || isOfEpisodes || JSON.stringify(authored).includes('"composed-of"')) return undefined;
  return all.filter((one) => one.resourceType === 'Patient' && beyond(one) === undefined).length;
}

/** The present records by name, and those that they were produced by. A deleted one is judged by its last content. */
async function storedOf(pool: pg.Pool, names: readonly string[]): Promise<Map<string, Json>> {
  const found = new Map<string, Json>();
  const load = async (names: readonly string[]) => {
    const { rows } = await pool.query<{ name: string; content: string }>(
      `SELECT r.type || '/' || r.id AS name,
              CASE WHEN r.deleted THEN (SELECT h.content FROM resource_history h WHERE h.key = r.key ORDER BY h.version DESC LIMIT 1) ELSE r.content END AS content
         FROM unnest($1::text[], $2::text[]) AS n (type, id) JOIN resource r ON r.type = n.type AND r.id = n.id`,
      [names.map((name) => name.split('/')[0]), names.map((name) => name.split('/')[1])],
    );
    for (const { name, content } of rows) if (content) found.set(name, JSON.parse(content));
  };
  await load([...new Set(names)]);
  const origins = [...found.values()].flatMap(({ encounter, context, basedOn }) =>
    referencesIn([encounter, context, basedOn]),
  );
  const missing = [...new Set(origins)].filter((name) => !found.has(name));
  if (missing.length > 0) await load(missing);
  return found;
}
