import type { Clock } from '../../base/clock.ts';
import { ok } from '../../base/errors.ts';
import type { Definitions } from '../../fhir/definitions.ts';
import { dataOperationSystem, ofPatient } from '../../fhir/provenance.ts';
import { parseReference } from '../../fhir/references.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Actor, Change, Tx, WriteConclusion } from '../../store/types.ts';
import { agentsOf } from './agents.ts';
import { type Group, groupChanges } from './group-changes.ts';

export interface ProvenanceDeps {
  definitions: Definitions;
  clock: Clock;
  /** Our FHIR base, without a trailing slash. */
  baseUrl: string;
}

/** Records of records are not recorded in turn. */
const untold: ReadonlySet<string> = new Set(['Provenance', 'AuditEvent']);

const activities = { created: 'CREATE', updated: 'UPDATE', deleted: 'DELETE' } as const;

/**
 * Leaves Provenance for what a transaction wrote, in its own commit (FHIR R4, provenance). Targets name the version that was written:
 * searches find them by the resource whatever its version, and the record stays true when the resource goes on. What the transaction
 * has told of by itself is not told again. An error undoes the transaction.
 */
export function recordWrites(deps: ProvenanceDeps): WriteConclusion {
  return {
    name: 'provenance',
    async conclude(_, tx) {
      if (isPublishing(tx.actor)) return ok(undefined);
      // Of what other conclusions wrote too: a request that followed its Task, a team that a Task was accepted in.
      const changes = [...tx.changes];
      const told = targetsOf(changes, deps.baseUrl);
      const untoldYet = changes.filter(({ type, id }) => !untold.has(type) && !told.has(`${type}/${id}`));
      const { provenance: stated } = tx.actor;
      const groups = groupChanges(deps.definitions, untoldYet, stated === undefined);
      for (const group of groups) {
        const written = await tx.create(stated ? statedFor(stated, group) : automatic(group, tx, deps));
        if (!written.ok) return written;
      }
      return ok(undefined);
    },
  };
}

/** The definitions that every start brings up to date come from the program itself. */
function isPublishing({ kind, id }: Actor): boolean {
  return kind === 'system' && id === 'conformance';
}

/** What the Provenances of this transaction target. */
function targetsOf(changes: readonly Change[], baseUrl: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { type, after } of changes) {
    if (type !== 'Provenance' || !Array.isArray(after?.target)) continue;
    for (const { reference } of after.target) {
      const target = typeof reference === 'string' ? parseReference(reference, baseUrl) : undefined;
      if (target?.kind === 'local') found.add(`${target.type}/${target.id}`);
    }
  }
  return found;
}

function automatic(group: Group, tx: Tx, { clock, baseUrl }: ProvenanceDeps): Resource {
  const [first] = group.changes;
  const provenance: Resource = {
    resourceType: 'Provenance',
    target: targets(group),
    recorded: clock.now().toISOString(),
    activity: { coding: [{ system: dataOperationSystem, code: activities[first?.outcome ?? 'updated'] }] },
    agent: agentsOf(tx.actor, baseUrl),
  };
  return ofPatient(provenance, group.patientId);
}

/** The client's own words, with the targets that only the server knows. */
function statedFor(stated: Resource, group: Group): Resource {
  return ofPatient({ ...stated, target: targets(group) }, group.patientId);
}

function targets({ changes }: Group): { reference: string }[] {
  return changes.flatMap(({ type, id, stored }) =>
    stored ? [{ reference: `${type}/${id}/_history/${stored.version}` }] : [],
  );
}
