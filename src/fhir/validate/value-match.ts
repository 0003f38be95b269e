import { isObject } from '../search/walk-path.ts';

/** `fixed[x]`: the value is the same, with nothing more and nothing less (FHIR R4, elementdefinition.html). */
export function isSame(value: unknown, fixed: unknown): boolean {
  if (Array.isArray(fixed)) {
    return Array.isArray(value) && value.length === fixed.length && fixed.every((item, at) => isSame(value[at], item));
  }
  if (!isObject(fixed)) return value === fixed;
  if (!isObject(value) || Object.keys(value).length !== Object.keys(fixed).length) return false;
  return Object.entries(fixed).every(([property, item]) => isSame(value[property], item));
}

/** `pattern[x]`: all that the pattern says is in the value; the value may say more. Lists match in any order. */
export function hasPattern(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern)) {
    return Array.isArray(value) && pattern.every((item) => value.some((one) => hasPattern(one, item)));
  }
  if (!isObject(pattern)) return value === pattern;
  return isObject(value) && Object.entries(pattern).every(([property, item]) => hasPattern(value[property], item));
}
