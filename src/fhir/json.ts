/**
 * JSON without loss: 1.10 stays 1.10 (FHIR R4, datatypes: "the precision of the decimal value has significance").
 * A number that JavaScript would print differently is kept as a `JSON.rawJSON` object, which `JSON.stringify` writes back
 * digit for digit. Code that computes with numbers calls `plain` first.
 */

interface SourceContext {
  source?: string;
}

declare global {
  interface JSON {
    rawJSON(text: string): object;
    isRawJSON(value: unknown): boolean;
    parse(
      text: string,
      reviver: (this: unknown, key: string, value: unknown, context: SourceContext) => unknown,
    ): unknown;
  }
}

/** Finds numbers that may not survive a round trip: a fraction ending in 0, an exponent, or 16 and more digits. */
const riskyNumber = /[\s:,[]-?(?:\d+\.\d*0(?=[\s,}\]])|\d+(?:\.\d+)?[eE]|[\d.]{16,})/;

function keepDigits(this: unknown, _key: string, value: unknown, context: SourceContext): unknown {
  if (typeof value !== 'number' || context.source === undefined) return value;
  return String(value) === context.source ? value : JSON.rawJSON(context.source);
}

/** Parses JSON text, keeping every decimal's digits. Throws SyntaxError on malformed text. */
export function parseJson(text: string): unknown {
  return riskyNumber.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

/** Writes JSON text; decimals kept by `parseJson` come out as they went in. */
export function stringifyJson(value: unknown): string {
  return JSON.stringify(value);
}

/** A copy with ordinary JavaScript numbers, for code that computes. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}
