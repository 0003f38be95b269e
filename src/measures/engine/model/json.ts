/** A JSON object; not a list, and not a number whose digits are kept. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

/** A number as JavaScript has it, whether or not its digits are kept; undefined for what is none. */
export function numberText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  // What `JSON.rawJSON` made holds the digits in `rawJSON`.
  if (typeof value === 'object' && value !== null && JSON.isRawJSON(value) && 'rawJSON' in value)
    return String(value.rawJSON);
  return undefined;
}

/** Equal as JSON: the order of properties does not matter, that of lists does, 1.0 and 1.00 are one number. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, n) => sameJson(item, right[n]));
  }
  if (isObject(left) && isObject(right)) {
    const names = Object.keys(left);
    if (names.length !== Object.keys(right).length) return false;
    return names.every((name) => Object.hasOwn(right, name) && sameJson(left[name], right[name]));
  }
  const number = numberText(left);
  return number !== undefined && Number(number) === Number(numberText(right) ?? Number.NaN);
}
