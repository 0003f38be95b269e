/** True when a JSON value holds more than `most` values, itself and everything within it counted. Stops as soon as it knows. */
export function hasMoreValues(value: unknown, most: number): boolean {
  let left = most;
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    left -= 1;
    if (left < 0) return true;
    if (typeof next !== 'object' || next === null || JSON.isRawJSON(next)) continue;
    const inner = Array.isArray(next) ? next : Object.values(next);
    // A long list is not copied before it is known to fit.
    if (inner.length > left) return true;
    for (const one of inner) {
      if (typeof one === 'object' && one !== null) open.push(one);
      else left -= 1;
    }
  }
  return left < 0;
}
