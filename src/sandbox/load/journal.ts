import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseJson, stringifyJson } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';

/** One change that came over the API. */
type Change = { wrote: Resource } | { removed: { type: string; id: string } };

/** What clients wrote, on disk, so that a restart forgets nothing. */
export interface Journal {
  wrote(resource: Resource): void;
  removed(type: string, id: string): void;
  /** Everything written before this start, oldest first. */
  changes: readonly Change[];
}

/**
 * Reads the lines; a last line without its line end was cut off by a crash before it was answered, and is taken off the file,
 * so that the next line does not run into it.
 */
function readLines(file: string): string[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) writeFileSync(file, whole);
  return whole.split('\n').filter((line) => line !== '');
}

/** Opens a journal; without a file nothing is kept. */
export function openJournal(file: string | undefined): Journal {
  const append = (change: Change) => {
    if (file) appendFileSync(file, `${stringifyJson(change)}\n`);
  };
  return {
    wrote: (resource) => append({ wrote: resource }),
    removed: (type, id) => append({ removed: { type, id } }),
    changes: file ? readLines(file).map((line) => parseJson(line) as Change) : [],
  };
}
