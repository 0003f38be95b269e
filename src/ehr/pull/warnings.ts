/** Something a run should tell an operator: a code and a type, never text of the site (it may name a person). */
export interface Warning {
  code: string;
  type: string;
  count: number;
}

/** Adds up equal warnings, so that a run keeps one row per kind however often it happens. */
export class Warnings {
  readonly #byKey = new Map<string, Warning>();

  add(code: string, type: string, count = 1): void {
    const key = `${code} ${type}`;
    const known = this.#byKey.get(key);
    if (known) known.count += count;
    else this.#byKey.set(key, { code, type, count });
  }

  list(): Warning[] {
    return [...this.#byKey.values()];
  }
}
