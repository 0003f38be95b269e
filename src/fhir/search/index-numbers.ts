import { limits } from '../../base/limits.ts';
import { add, type Decimal, decimalText, magnitude, multiply, parseDecimal } from '../decimal.ts';
import { toCanonical, type Ucum, type Unit, ucumSystem } from '../ucum.ts';
import { currencySystem, type NumberForm, type NumberRange } from './number-entry.ts';
import { isObject } from './walk-path.ts';

/** The ends of what a value may be; an end that is not there is open. `beyond`: the end itself is not in it. */
interface Ends {
  low?: Decimal;
  high?: Decimal;
  beyond?: boolean;
}

interface Form {
  form: NumberForm;
  /** How a value in the unit of the quantity becomes one of the form. */
  unit?: Unit;
  sortUnit?: string;
}

/**
 * What one value of a number or quantity parameter is found by (FHIR R4, search.html#number, #quantity): none for what is no number,
 * or has more digits than any search may ask for.
 */
export function numbersOf(type: string, value: unknown, ucum: Ucum): NumberRange[] {
  const simple = decimalOf(value);
  if (simple) return ranges({ low: simple, high: simple }, [{ form: ['any', 'none'], sortUnit: '' }]);
  if (!isObject(value)) return [];
  switch (type) {
    case 'Range':
      return rangeOf(value, ucum);
    case 'SampledData':
      return sampledOf(value, ucum);
    case 'BackboneElement':
      return placeOf(value);
    case 'Money': {
      const exact = decimalOf(value.value);
      return exact
        ? ranges({ low: exact, high: exact }, formsOf({ system: currencySystem, code: value.currency }, ucum))
        : [];
    }
    default: {
      const ends = quantityEnds(value);
      return ends ? ranges(ends, formsOf(value, ucum)) : [];
    }
  }
}

/** A JSON number, its digits as sent. */
function decimalOf(value: unknown): Decimal | undefined {
  if (typeof value === 'number') return pointOf(String(value));
  if (!JSON.isRawJSON(value) || !isObject(value) || typeof value.rawJSON !== 'string') return undefined;
  return pointOf(value.rawJSON);
}

function pointOf(text: string): Decimal | undefined {
  const decimal = parseDecimal(text);
  return decimal && bounded(decimal);
}

/** `comparator` opens an end: "<5" is anything below 5. */
function quantityEnds(quantity: Record<string, unknown>): Ends | undefined {
  const value = decimalOf(quantity.value);
  if (!value) return undefined;
  switch (quantity.comparator) {
    case '<':
      return { high: value, beyond: true };
    case '<=':
      return { high: value };
    case '>':
      return { low: value, beyond: true };
    case '>=':
      return { low: value };
    default:
      return { low: value, high: value };
  }
}

function rangeOf(range: Record<string, unknown>, ucum: Ucum): NumberRange[] {
  const [low, high] = [range.low, range.high].map((end) => (isObject(end) && decimalOf(end.value) ? end : undefined));
  const lowest = low && ranges({ low: decimalOf(low.value) }, formsOf(unitFrom(low, high), ucum));
  const highest = high && ranges({ high: decimalOf(high.value) }, formsOf(unitFrom(high, low), ucum));
  if (!lowest || !highest) return lowest ?? highest ?? [];
  // Ends in two units meet in the forms that both have, and as bare numbers.
  return lowest.flatMap((from) => {
    const to = highest.find(({ form }) =>
      from.form[0] === 'any' ? form[0] === 'any' : form.join('\n') === from.form.join('\n'),
    );
    return to ? [{ ...from, high: to.high }] : [];
  });
}

/** An end without any unit is in that of the other. */
function unitFrom(end: Record<string, unknown>, other: Record<string, unknown> | undefined): Record<string, unknown> {
  const { system, code, unit } = end;
  return system === undefined && code === undefined && unit === undefined && other ? other : end;
}

/** Location.position. */
function placeOf({ latitude, longitude }: Record<string, unknown>): NumberRange[] {
  const [low, high] = [decimalOf(latitude), decimalOf(longitude)];
  return low && high ? [{ form: ['place'], low: decimalText(low), high: decimalText(high) }] : [];
}

/** "Just search on the bounds of the values" (R4, Observation value-quantity): the least and the greatest point. */
function sampledOf(sampled: Record<string, unknown>, ucum: Ucum): NumberRange[] {
  const { origin, data } = sampled;
  const zero = isObject(origin) ? decimalOf(origin.value) : undefined;
  if (!isObject(origin) || !zero || typeof data !== 'string') return [];
  let [least, most]: (string | undefined)[] = [];
  let [isBelow, isAbove] = [false, false];
  for (const point of data.split(/\s+/)) {
    if (point === 'L') isBelow = true;
    else if (point === 'U') isAbove = true;
    else if (!/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(point)) continue;
    else {
      if (least === undefined || Number(point) < Number(least)) least = point;
      if (most === undefined || Number(point) > Number(most)) most = point;
    }
  }
  const factor = decimalOf(sampled.factor) ?? { coefficient: 1n, exponent: 0 };
  const at = (point: string | undefined): Decimal | undefined => {
    const decimal = point === undefined ? undefined : pointOf(point);
    return decimal && add(zero, multiply(decimal, factor));
  };
  if (least === undefined && !isBelow && !isAbove) return [];
  const ends: Ends = {};
  const [low, high] = [at(least), at(most)];
  if (!isBelow && low) ends.low = low;
  if (!isAbove && high) ends.high = high;
  return ranges(ends, formsOf(origin, ucum));
}

/** The forms of a quantity in its unit; a UCUM code stands for itself by its canonical unit, so it needs no other. */
function formsOf(quantity: { system?: unknown; code?: unknown; unit?: unknown }, ucum: Ucum): Form[] {
  const [system, code, text] = [quantity.system, quantity.code, quantity.unit].map((part) =>
    typeof part === 'string' && part !== '' ? part : undefined,
  );
  const unit = system === ucumSystem && code !== undefined ? ucum.unitOf(code) : undefined;
  const kind =
    system === undefined ? 'none' : system === ucumSystem ? 'ucum' : system === currencySystem ? 'currency' : 'other';
  const forms: Form[] = [{ form: ['any', kind] }];
  if (kind === 'other' && system !== undefined) forms.push({ form: ['system', system] });
  if (unit) forms.push({ form: ['canonical', unit.canonical], unit, sortUnit: unit.canonical });
  else {
    forms[0] = { form: ['any', kind], sortUnit: code ?? text ?? '' };
    if (system !== undefined && code !== undefined) forms.push({ form: ['code', system, code] });
    if (code !== undefined) forms.push({ form: ['text', code] });
  }
  if (text === undefined || text === code) return forms;
  // "kg" beside the code kg, or mL beside ml, is found by its canonical unit already.
  const named = unit && ucum.unitOf(text);
  if (!named || named.canonical !== unit.canonical || decimalText(named.factor) !== decimalText(unit.factor)) {
    forms.push({ form: ['text', text] });
  }
  return forms;
}

function ranges({ low, high, beyond = false }: Ends, forms: readonly Form[]): NumberRange[] {
  return forms.map(({ form, unit, sortUnit }) => {
    const inForm = (end: Decimal) => (unit ? toCanonical(end, unit) : end);
    const range: NumberRange = { form, low: '-Infinity', high: 'Infinity' };
    if (low) range.low = decimalText(beyond ? nudged(inForm(low), 1n) : inForm(low));
    if (high && high === low) range.high = range.low;
    else if (high) range.high = decimalText(beyond ? nudged(inForm(high), -1n) : inForm(high));
    if (sortUnit !== undefined) range.sortUnit = sortUnit;
    return range;
  });
}

/** The nearest number that counts beside an end that is not in the range itself: nothing asked for is as fine as this. */
function nudged({ coefficient, exponent }: Decimal, step: bigint): Decimal {
  const digits = 40;
  return { coefficient: coefficient * 10n ** BigInt(digits) + step, exponent: exponent - digits };
}

/**
 * A number far beyond any that may be asked for (`limits.search.numberMagnitude`, in whatever unit) compares as one a little beyond:
 * `1e999999999` is legal JSON and would take a gigabyte to write down.
 */
function bounded(value: Decimal): Decimal {
  const most = 3 * limits.search.numberMagnitude;
  if (value.coefficient === 0n) return Math.abs(value.exponent) > most ? { coefficient: 0n, exponent: 0 } : value;
  const size = magnitude(value);
  if (Math.abs(size) <= most) return value;
  return { coefficient: value.coefficient < 0n ? -1n : 1n, exponent: size > 0 ? most + 1 : -most - 1 };
}
