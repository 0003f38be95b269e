import type { Module } from '../../module.ts';
import { type ProvenanceDeps, recordWrites } from './record-writes.ts';

/** Provenance for every write, as a module of the house. */
export function createProvenance(deps: ProvenanceDeps): Module {
  return { name: 'provenance', conclusions: [recordWrites(deps)] };
}
