import { parentPort } from 'node:worker_threads';
import { createTranslator, type Translation } from './translate.ts';

/** CQL with the CQL of every library that it includes, directly or not. */
export interface TranslationTask {
  cql: string;
  libraries: readonly { name: string; version: string; cql: string }[];
}

/** The whole of a worker thread: one text in, its ELM and the problems out, as often as it is asked. */
let libraries: TranslationTask['libraries'] = [];
const translate = createTranslator(
  (name, version) => libraries.find((one) => one.name === name && (!version || one.version === version))?.cql,
);

parentPort?.on('message', (task: TranslationTask) => {
  libraries = task.libraries;
  parentPort?.postMessage(translate(task.cql) satisfies Translation);
});
