import { auditSearchParameters } from '../access/audit/search-parameters.ts';
import type { Clock } from '../base/clock.ts';
import { capabilityStatement } from '../fhir/capability.ts';
import type { Definitions } from '../fhir/definitions.ts';
import type { Resource } from '../fhir/types.ts';
import type { Operation } from '../module.ts';
import type { Catalog } from '../store/search-parameters/catalog.ts';
import type { Reader } from '../store/types.ts';
import { createLoadedProfiles, type LoadedProfiles } from '../terminology/conformance/loaded-profiles.ts';

export interface CapabilityParts {
  definitions: Definitions;
  catalog: Catalog;
  store: Reader;
  operations: readonly Operation[];
  publicUrl: string;
  /** Of this software. */
  version: string;
  clock: Clock;
}

/**
 * The CapabilityStatement for the search parameters in use and the profiles loaded now; also when another process has added them, and the last known
 * when the database is away.
 */
export function currentCapabilities(parts: CapabilityParts): () => Promise<Resource> {
  const { catalog } = parts;
  const loadedProfiles = createLoadedProfiles(parts.definitions, parts.store);
  let made: { generation: unknown; profiles: LoadedProfiles; statement: Resource } | undefined;
  return async () => {
    await catalog.refresh().catch(() => false);
    const generation = catalog.generation();
    const profiles = await loadedProfiles();
    if (made?.generation !== generation || made.profiles !== profiles)
      made = { generation, profiles, statement: statementOf(parts, profiles) };
    return made.statement;
  };
}

function statementOf(
  { catalog, operations, publicUrl, version, clock }: CapabilityParts,
  loadedProfiles: LoadedProfiles,
) {
  return capabilityStatement({
    definitions: catalog.searchable,
    loadedProfiles,
    baseUrl: `${publicUrl}/fhir`,
    version,
    date: clock.now().toISOString(),
    interactions: [
      'read',
      'vread',
      'update',
      'patch',
      'delete',
      'history-instance',
      'history-type',
      'create',
      'search-type',
    ],
    systemInteractions: ['transaction', 'batch', 'search-system', 'history-system'],
    operations,
    apart: new Map([['AuditEvent', { interactions: ['read', 'search-type'], searchParams: auditSearchParameters }]]),
    flags: {
      conditionalCreate: true,
      conditionalRead: 'full-support',
      conditionalUpdate: true,
      conditionalDelete: 'single',
      updateCreate: true,
    },
    security: {
      authorizeUrl: `${publicUrl}/auth/authorize`,
      tokenUrl: `${publicUrl}/auth/token`,
      introspectUrl: `${publicUrl}/auth/introspect`,
      revokeUrl: `${publicUrl}/auth/revoke`,
      manageUrl: `${publicUrl}/auth/manage`,
    },
  });
}
