import { fail, ok, type Result } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { inspectJson } from './json-inspect.ts';

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

/**
 * Finds numbers that may not survive a round trip: -0, a fraction ending in 0, an exponent, a fraction so small that
 * JavaScript writes it with one, or 16 and more digits. A number ends where JSON goes on, so that the digits of a text (`urn:uuid:7e3…`)
 * are seldom taken for one: that would cost time, not digits.
 */
const riskyNumber =
  /[\s:,[]-?(?:\d+\.\d*0|\d+(?:\.\d+)?[eE][+-]?\d+|0\.0{6}\d*|[\d.]{16,})(?=[\s,}\]]|$)|-0(?=[\s,}\]]|$)/;

function keepDigits(this: unknown, _key: string, value: unknown, context: SourceContext): unknown {
  if (typeof value !== 'number' || context.source === undefined) return value;
  return String(value) === context.source ? value : JSON.rawJSON(context.source);
}

/** Parses JSON text, keeping every decimal's digits. Throws SyntaxError on malformed text. */
export function parseJson(text: string): unknown {
  return riskyNumber.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

/**
 * Parses JSON that a client sent. Refuses (`invalid`) what is malformed, names a property twice, nests deeper than
 * `limits.http.jsonDepth`, has more values than `limits.http.jsonValues`, or has a property that would reach an object's prototype. The text of the error has the position
 * only: the parser's own message quotes the body.
 */
export function parseJsonStrict(text: string): Result<unknown> {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const problem = inspectJson(body, { maxDepth: limits.http.jsonDepth, maxValues: limits.http.jsonValues });
  if (problem) return fail('invalid', problem, { code: 'structure' });
  try {
    return ok(parseJson(body));
  } catch (error) {
    const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
    const where = position === undefined ? '' : ` (at character ${position})`;
    return fail('invalid', `The body is not well-formed JSON${where}.`, { code: 'structure' });
  }
}

/** Writes JSON text; decimals kept by `parseJson` come out as they went in. */
export function stringifyJson(value: unknown): string {
  return JSON.stringify(value);
}

/** `plain`, but the value itself where it has no other numbers than ordinary ones: for code that only reads. */
export function withPlainNumbers<T>(value: T): T {
  return isOrdinary(value) ? value : plain(value);
}

/** What `JSON.parse` without a reviver gives: nothing in it would read otherwise after being written. */
function isOrdinary(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'undefined' && typeof value !== 'function';
  if (Array.isArray(value)) return value.every(isOrdinary);
  if (JSON.isRawJSON(value)) return false;
  for (const name in value) if (!isOrdinary(value[name as keyof typeof value])) return false;
  return true;
}

/** A copy with ordinary JavaScript numbers, for code that computes. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}
