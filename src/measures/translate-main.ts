import { createTranslator, type ModelTask, type Translation } from './translate.ts';

/** CQL with the CQL of every library that it includes, directly or not. */
export interface TranslationTask {
  cql: string;
  libraries: readonly { name: string; version: string; cql: string }[];
  /** The models that they are written over, with those that these require; FHIR 4.0.1 is always there. */
  models?: readonly ModelTask[];
}

/** The whole of a process: one text in, its ELM and the problems out, as often as it is asked. */
let libraries: TranslationTask['libraries'] = [];
const translate = createTranslator(
  (name, version) => libraries.find((one) => one.name === name && (!version || one.version === version))?.cql,
);

process.on('message', (task: TranslationTask) => {
  libraries = task.libraries;
  process.send?.(translate(task.cql, task.models) satisfies Translation);
});
// Without the server there is nothing to do.
process.on('disconnect', () => process.exit());
