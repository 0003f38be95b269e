import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { multiply, parseDecimal } from '../decimal.ts';
import type { Ucum } from '../ucum.ts';
import { splitEscaped, unescapeValue } from './escapes.ts';
import type { SearchParam, SearchValue } from './query.ts';

/** How people write what UCUM calls otherwise. */
const everyday: Readonly<Record<string, string>> = { mi: '[mi_i]', ft: '[ft_i]', yd: '[yd_i]', nmi: '[nmi_i]' };

/** What is near when no distance is given is left to the server. */
const defaultKm = 50;

/**
 * `latitude|longitude[|distance[|units]]` in degrees of WGS84; units are UCUM lengths or mi, ft, yd, nmi; without them kilometres
 * (FHIR R4, location.html, `near`). Error `invalid` names the parameter.
 */
export function parseNearValue(param: SearchParam, raw: string, ucum: Ucum): Result<SearchValue> {
  const [first, second, third, units = '', ...more] = splitEscaped(raw, '|').map((part) => unescapeValue(part).trim());
  const [latitude, longitude] = [degrees(first, 90), degrees(second, 180)];
  const distance = third === undefined || third === '' ? defaultKm : numberOf(third);
  const perUnit = third === undefined || third === '' ? 1 : kilometres(units === '' ? 'km' : units, ucum);
  if (latitude === undefined || longitude === undefined || distance === undefined || distance < 0 || more.length > 0) {
    return bad(param, 'takes latitude|longitude|distance|units, in degrees from -90 to 90 and from -180 to 180.');
  }
  if (perUnit === undefined) return bad(param, 'takes a unit of length: km, m, mi or another that UCUM has.');
  return ok({ kind: 'near', latitude, longitude, km: distance * perUnit });
}

function bad({ code }: SearchParam, text: string): Result<never> {
  return fail('invalid', `Search parameter '${code}' ${text}`, { code: 'value' });
}

function numberOf(text: string): number | undefined {
  if (text.length > limits.search.numberLength || !/^[+-]?\d+(\.\d+)?$/.test(text)) return undefined;
  return Number(text);
}

function degrees(text: string | undefined, most: number): number | undefined {
  const value = numberOf(text ?? '');
  return value === undefined || Math.abs(value) > most ? undefined : value;
}

/** How many kilometres one is; undefined for what is no length. */
function kilometres(units: string, ucum: Ucum): number | undefined {
  const unit = ucum.unitOf(Object.hasOwn(everyday, units) ? (everyday[units] ?? '') : units);
  const metre = parseDecimal('0.001');
  if (unit?.canonical !== 'm' || !metre) return undefined;
  const { coefficient, exponent } = multiply(unit.factor, metre);
  return Number(`${coefficient}e${exponent}`);
}
