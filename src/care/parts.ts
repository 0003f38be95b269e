import type { Module } from '../module.ts';

/** What one folder of care offers to the house: the lists of a Module, without its name. */
export type CarePart = Omit<Module, 'name'>;

/** All parts as one module. Within a list the order is that of the parts. */
export function moduleOf(name: string, parts: readonly CarePart[]): Module {
  return {
    name,
    checks: parts.flatMap(({ checks = [] }) => checks),
    effects: parts.flatMap(({ effects = [] }) => effects),
    conclusions: parts.flatMap(({ conclusions = [] }) => conclusions),
    operations: parts.flatMap(({ operations = [] }) => operations),
    editedByMany: parts.flatMap(({ editedByMany = [] }) => editedByMany),
    jobs: parts.flatMap(({ jobs = [] }) => jobs),
    hooks: parts.flatMap(({ hooks = [] }) => hooks),
    commands: parts.flatMap(({ commands = [] }) => commands),
    gauges: parts.flatMap(({ gauges = [] }) => gauges),
  };
}
