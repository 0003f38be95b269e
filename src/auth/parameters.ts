/**
 * Parameters of an OAuth request. RFC 6749, section 3.1: a parameter without a value counts as omitted, and none may be
 * given twice; so `one` answers only when there is exactly one value.
 */
export interface Parameters {
  one(name: string): string | undefined;
  /** Names given more than once. */
  repeated(): string[];
}

export function readParameters(text: string): Parameters {
  const search = new URLSearchParams(text);
  return {
    one(name) {
      const values = search.getAll(name);
      return values.length === 1 && values[0] !== '' ? values[0] : undefined;
    },
    repeated: () => [...new Set(search.keys())].filter((name) => search.getAll(name).length > 1),
  };
}

/** The query string of a request's URL, without the question mark. */
export function queryText(originalUrl: string): string {
  const start = originalUrl.indexOf('?');
  return start < 0 ? '' : originalUrl.slice(start + 1);
}
