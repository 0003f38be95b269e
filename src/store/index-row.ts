import type { IndexEntries } from '../fhir/search/extract.ts';
import type { Resource } from '../fhir/types.ts';
import { workedOut } from './numbers.ts';
import { isOwnColumn } from './search/columns.ts';
import { pairRows, pairTokens } from './search/pair.ts';
import { tokenTextRows } from './search/text-of-token.ts';
import { numberSide, sideName, tokensOf } from './search/token.ts';
import { sortValuesOf } from './sort-values.ts';

/** What the tables hold about one version besides its text. */
export interface IndexRow {
  tokens: string[];
  /** All compartments; the first one goes into resource.patient_id. The first `subjects` of them are those that the resource is about. */
  patients: string[];
  subjects: number;
  strings: { param: string; text: string; exact: string }[];
  dates: { param: string; start: string; end: string }[];
  /** Decimals as text: `low` and `high` are the ends of what the value may be. */
  numbers: { param: string; low: string; high: string }[];
  /** JSON object; see `sort-values.ts`. */
  sortValues: string;
}

/** PostgreSQL's text cannot hold U+0000 or half a surrogate pair. */
export function storable(text: string): string {
  return text.isWellFormed() && !text.includes('\u0000') ? text : text.toWellFormed().replaceAll('\u0000', '');
}

/** Turns what the extractor found into the columns and side rows of a resource. `numbers` may remember what it has worked out. */
export function indexRow(resource: Resource, entries: IndexEntries, numbers = workedOut): IndexRow {
  const type = resource.resourceType;
  const pairs = entries.pairs.map((pair) => pairRows(type, pair, numbers));
  const strings = entries.strings.flatMap(({ param, text, exact, form }) =>
    form === undefined ? [{ param: sideName(numbers, type, param), text, exact }] : [],
  );
  strings.push(...tokenTextRows(type, entries.strings, numbers));
  const dates = entries.dates
    .filter(({ param }) => !isOwnColumn(param))
    .map(({ param, start, end }) => ({ param: sideName(numbers, type, param), start, end }));
  const ranges = entries.numbers.map(({ path, form, low, high }) => ({
    param: numberSide(type, path, form, low === high || form[0] === 'place' ? 'point' : 'range', numbers),
    low,
    high,
  }));
  return {
    tokens: [...tokensOf(type, entries, numbers), ...entries.pairs.flatMap((pair) => pairTokens(type, pair, numbers))],
    patients: entries.patients.map(storable),
    subjects: entries.subjects,
    strings: [...strings, ...pairs.flatMap((rows) => rows.strings)].map(({ param, text, exact }) => ({
      param,
      text: storable(text),
      exact: storable(exact),
    })),
    dates: [...dates, ...pairs.flatMap((rows) => rows.dates)],
    numbers: [...ranges, ...pairs.flatMap((rows) => rows.numbers)],
    sortValues: sortValuesOf(entries),
  };
}

/** The patients that have no room in `resource` itself. */
export function furtherPatients({ patients, subjects }: IndexRow): { id: string; isSubject: boolean }[] {
  return patients.map((id, place) => ({ id, isSubject: place < subjects })).slice(1);
}
