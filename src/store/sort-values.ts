import { compareDecimals, parseDecimal } from '../fhir/decimal.ts';
import type { IndexEntries } from '../fhir/search/extract.ts';
import { isOwnColumn } from './search/columns.ts';

/** Long enough to tell titles apart; two that differ only later are ordered by creation. */
const sortLength = 100;

type SortValues = Record<string, string>;

/**
 * The JSON object by which a resource is put in order: parameter → smallest value, "parameter-" → largest where it is another. For
 * numbers also "parameter#" → its unit.
 */
export function sortValuesOf(entries: IndexEntries): string {
  const values: SortValues = {};
  addTexts(values, entries);
  addNumbers(values, entries);
  return JSON.stringify(values);
}

function sortText(text: string): string {
  if (text.length <= sortLength && text.isWellFormed() && !text.includes('\u0000')) return text;
  return text.toWellFormed().replaceAll('\u0000', '').slice(0, sortLength).toWellFormed();
}

function addTexts(values: SortValues, entries: IndexEntries): void {
  const add = (param: string, value: string) => {
    if (isOwnColumn(param)) return;
    const short = sortText(value);
    const least = values[param];
    if (least === undefined) values[param] = short;
    else if (compareBytes(short, least) < 0) {
      values[`${param}-`] ??= least;
      values[param] = short;
    } else if (compareBytes(short, values[`${param}-`] ?? least) > 0) values[`${param}-`] = short;
  };
  for (const { param, code } of entries.tokens) add(param, code);
  for (const { param, type, id } of entries.references) add(param, `${type}/${id}`);
  for (const { param, url } of entries.urls) {
    add(param, url);
    // Every canonical goes by its URL first, a urn's too.
    const bar = url.indexOf('|');
    if (bar > 0) add(param, url.slice(0, bar));
  }
  for (const { param, uri } of entries.uris) add(param, uri);
  for (const { param, text, form } of entries.strings) if (form === undefined) add(param, text);
  for (const { param, start } of entries.dates) add(param, start);
}

/** The order of PostgreSQL's "C": JavaScript's own would put characters beyond U+FFFF before those from U+E000 on. */
function compareBytes(left: string, right: string): number {
  if (/[\ud800-\udfff]/.test(left) || /[\ud800-\udfff]/.test(right)) {
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  }
  return left < right ? -1 : left > right ? 1 : 0;
}

interface Sorted {
  value: string;
  unit: string;
}

/** Quantities are in order by unit first and then by value, so what is compared as numbers can be compared. */
function addNumbers(values: SortValues, entries: IndexEntries): void {
  const ends = new Map<string, { least: Sorted; most: Sorted }>();
  for (const { params, low, high, sortUnit } of entries.numbers) {
    if (sortUnit === undefined) continue;
    const unit = sortText(sortUnit);
    const [least, most] = [
      { value: low, unit },
      { value: high, unit },
    ];
    for (const param of params) {
      const known = ends.get(param);
      if (!known) ends.set(param, { least, most });
      else {
        if (compareNumbers(least, known.least) < 0) known.least = least;
        if (compareNumbers(most, known.most) > 0) known.most = most;
      }
    }
  }
  for (const [param, { least, most }] of ends) {
    values[param] = least.value;
    values[`${param}#`] = least.unit;
    if (most.value === least.value && most.unit === least.unit) continue;
    values[`${param}-`] = most.value;
    values[`${param}-#`] = most.unit;
  }
}

function compareNumbers(left: Sorted, right: Sorted): number {
  return left.unit === right.unit ? compareTexts(left.value, right.value) : compareBytes(left.unit, right.unit);
}

function compareTexts(left: string, right: string): number {
  const [a, b] = [parseDecimal(left), parseDecimal(right)];
  if (a && b) return compareDecimals(a, b);
  const rank = (text: string) => (text === '-Infinity' ? -1 : text === 'Infinity' ? 1 : 0);
  return rank(left) - rank(right);
}
