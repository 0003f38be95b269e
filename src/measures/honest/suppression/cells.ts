/** A published table: counts, and which of them add up to which. */
export interface Table {
  cells: readonly Cell[];
  sums: readonly Sum[];
}

export interface Cell {
  id: string;
  /** A whole number, 0 or more. */
  count: number;
  /**
   * `shown`: printed unless it is hidden. `derived`: never printed, but what is shown may tell it (those not in the numerator). `fixed`:
   * printed before, in an earlier report, and out of our hands.
   */
  kind: 'shown' | 'derived' | 'fixed';
  /** Where there is a choice, the cell with the lower number is hidden. */
  worth: number;
}

/** The total is the sum of the parts, and readers know it. */
export interface Sum {
  total: string;
  parts: readonly string[];
}

export const smallest = 1;
/** Of the CMS cell-size policy. A house may hide more, and never less. */
const largestByRule = 10;

/** The largest count that is hidden where a house shows none that is less than `minimumCell`. */
export function largestHidden(minimumCell: number): number {
  return Math.max(largestByRule, Math.ceil(minimumCell) - 1);
}

/** A count that must not be told: a few children can be recognised. Nobody can be recognised by a 0. */
export function isSmall(count: number, largest: number): boolean {
  return count >= smallest && count <= largest;
}
