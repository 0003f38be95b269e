/** The item in the middle by a number (of an even many, the higher of the two in the middle). */
export function medianBy<T>(items: readonly T[], number: (item: T) => number): T | undefined {
  return items.toSorted((one, other) => number(one) - number(other))[items.length >> 1];
}
