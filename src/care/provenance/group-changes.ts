import { limits } from '../../base/limits.ts';
import type { Definitions } from '../../fhir/definitions.ts';
import { reachOf } from '../../fhir/patient-reach.ts';
import type { Change } from '../../store/types.ts';

type Outcome = Change['outcome'];

/** What one Provenance is about. */
export interface Group {
  /** Absent: of nobody, or of several patients side by side. */
  patientId?: string;
  /** The last change of each resource, in the order they were written. */
  changes: Change[];
}

/**
 * The changes by patient and, unless one activity is to stand for all of them, by what was done. Whoever sees a Provenance sees what it
 * targets: so no group holds records of two patients, a record of several patients stands in the group of each, and a roster
 * (a Group), which is not shown for being on it, in that of nobody.
 */
export function groupChanges(definitions: Definitions, changes: readonly Change[], byOutcome: boolean): Group[] {
  const groups = new Map<string, Group>();
  for (const change of lastOfEach(changes)) {
    for (const patientId of patientsOf(definitions, change)) {
      const key = `${byOutcome ? change.outcome : ''} ${patientId ?? ''}`;
      const group = groups.get(key) ?? { ...(patientId !== undefined && { patientId }), changes: [] };
      group.changes.push(change);
      groups.set(key, group);
    }
  }
  return [...groups.values()].flatMap(inParts);
}

function inParts({ changes, ...of }: Group): Group[] {
  const { targets } = limits.provenance;
  const count = Math.ceil(changes.length / targets);
  return Array.from({ length: count }, (_, part) => ({
    ...of,
    changes: changes.slice(part * targets, (part + 1) * targets),
  }));
}

function patientsOf(definitions: Definitions, { type, patients = [] }: Change): readonly (string | undefined)[] {
  if (patients.length === 0) return [undefined];
  return patients.length > 1 && reachOf(definitions, type) === 'alone' ? [undefined] : patients;
}

/** A resource that was written several times is told of once: by its last version, as created when it was created here. */
function lastOfEach(changes: readonly Change[]): Change[] {
  const last = new Map<string, Change>();
  for (const change of changes) {
    const key = `${change.type}/${change.id}`;
    last.set(key, { ...change, outcome: both(last.get(key)?.outcome, change.outcome) });
  }
  return [...last.values()];
}

function both(earlier: Outcome | undefined, later: Outcome): Outcome {
  return earlier === 'created' && later === 'updated' ? 'created' : later;
}
