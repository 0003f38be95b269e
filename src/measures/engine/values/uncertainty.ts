/** Some integer from `low` to `high`, both included, and `low` < `high`. Source: CQL 1.5, "Uncertainty" (Appendix H). */
export class Uncertainty {
  readonly low: number;
  readonly high: number;

  private constructor(low: number, high: number) {
    this.low = low;
    this.high = high;
  }

  toString(): string {
    return `between ${this.low} and ${this.high}`;
  }

  /** The integer itself when both bounds are the same. */
  static between(low: number, high: number): number | Uncertainty {
    return low === high ? low : new Uncertainty(low, high);
  }
}
