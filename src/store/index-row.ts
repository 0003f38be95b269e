import type { IndexEntries } from '../fhir/search/extract.ts';
import type { Resource } from '../fhir/types.ts';
import { isOwnColumn } from './search/columns.ts';
import { sideParam, tokensOf } from './search/token.ts';

/** What the tables hold about one version besides its text. */
export interface IndexRow {
  tokens: string[];
  /** All compartments; the first one goes into resource.patient_id. */
  patients: string[];
  strings: { param: string; text: string; exact: string }[];
  dates: { param: string; start: string; end: string }[];
  /** Decimals as text: `low` and `high` are the ends of what the value may be. */
  numbers: { param: string; low: string; high: string }[];
  /** JSON object: parameter → smallest value, "parameter-" → largest. */
  sortValues: string;
}

/** Long enough to tell titles apart; two that differ only later are ordered by creation. */
const sortLength = 100;

/** PostgreSQL's text cannot hold U+0000 or half a surrogate pair. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '');
}

function sortValuesOf(entries: IndexEntries): string {
  const values: Record<string, string> = {};
  const add = (param: string, value: string) => {
    const short = storable(value).slice(0, sortLength).toWellFormed();
    const least = values[param];
    if (least === undefined || short < least) values[param] = short;
    const most = values[`${param}-`];
    if (most === undefined || short > most) values[`${param}-`] = short;
  };
  for (const { param, code } of entries.tokens) add(param, code);
  for (const { param, type, id } of entries.references) add(param, `${type}/${id}`);
  for (const { param, url } of entries.urls) add(param, url);
  for (const { param, uri } of entries.uris) add(param, uri);
  for (const { param, text, form } of entries.strings) if (form === undefined) add(param, text);
  for (const { param, start } of entries.dates) add(param, start);
  const kept = Object.entries(values).filter(([name, value]) => {
    const param = name.replace(/-$/, '');
    return !isOwnColumn(param) && (param === name || values[param] !== value);
  });
  return JSON.stringify(Object.fromEntries(kept));
}

/** Turns what the extractor found into the columns and side rows of a resource. */
export function indexRow(resource: Resource, entries: IndexEntries): IndexRow {
  const type = resource.resourceType;
  const own = type === 'Patient' && resource.id ? [resource.id] : [];
  return {
    tokens: tokensOf(type, entries),
    patients: [...new Set([...own, ...entries.patients])].map(storable),
    strings: entries.strings.map(({ param, text, exact, form }) => ({
      param: form === undefined ? sideParam(type, param) : sideParam(type, param, form),
      text: storable(text),
      exact: storable(exact),
    })),
    dates: entries.dates
      .filter(({ param }) => !isOwnColumn(param))
      .map(({ param, start, end }) => ({ param: sideParam(type, param), start, end })),
    numbers: [],
    sortValues: sortValuesOf(entries),
  };
}
