import { createHash } from 'node:crypto';
import { shapes, textOf } from '../shape.ts';

/** What a site says it can do for one type, reduced to what the sync relies on. */
interface TypeCapability {
  /** The search parameter that finds a patient's resources; undefined: not searchable by patient. */
  searchBy?: 'patient' | 'subject';
  read: boolean;
  create: boolean;
  update: boolean;
  /** Search parameter codes the site lists. */
  params: string[];
}

export type Capability = Record<string, TypeCapability>;

/**
 * Reads a CapabilityStatement (FHIR R4) into what the sync relies on. Types are kept in name order, so that equal
 * capabilities have equal text and `capabilityHash` shows drift.
 */
export function readCapability(statement: unknown): Capability {
  const capability: Capability = {};
  const server = shapes(statement)
    .flatMap((body) => shapes(body.rest))
    .filter((rest) => rest.mode !== 'client');
  const resources = server.flatMap((rest) => shapes(rest.resource));
  for (const resource of resources) {
    const type = textOf(resource.type);
    if (type === undefined || !/^[A-Z][A-Za-z]+$/.test(type)) continue;
    const can = new Set(shapes(resource.interaction).map((interaction) => textOf(interaction.code)));
    const params = shapes(resource.searchParam).flatMap((param) => textOf(param.name) ?? []);
    const entry: TypeCapability = {
      read: can.has('read'),
      create: can.has('create'),
      update: can.has('update'),
      params: params.sort(),
    };
    const searchBy = params.includes('patient') ? 'patient' : params.includes('subject') ? 'subject' : undefined;
    if (can.has('search-type') && searchBy) entry.searchBy = searchBy;
    capability[type] = entry;
  }
  return Object.fromEntries(Object.entries(capability).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function capabilityHash(capability: Capability): string {
  return createHash('sha256').update(JSON.stringify(capability)).digest('hex');
}
