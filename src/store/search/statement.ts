/** Collects the values of a statement; the text only ever holds their placeholders. */
export interface Statement {
  values: unknown[];
  /** Adds a value and answers its placeholder, with the cast PostgreSQL needs to know its type. */
  add(value: unknown, type: string): string;
}

export function statement(): Statement {
  const values: unknown[] = [];
  return {
    values,
    add(value, type) {
      values.push(value);
      return `$${values.length}::${type}`;
    },
  };
}
