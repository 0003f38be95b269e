export interface JsonBounds {
  maxDepth: number;
  /** Of all objects and lists together. Each value takes far more memory than the two characters that it may be written in. */
  maxValues: number;
}

/**
 * What `JSON.parse` lets pass and a record must not: a property named twice (the last one would silently win), nesting
 * or values without bound, and `__proto__`. Looks at well-formed text; on malformed text it may find nothing, the parser will.
 * Returns the sentence for the client, or undefined when all is well.
 */
export function inspectJson(text: string, { maxDepth, maxValues }: JsonBounds): string | undefined {
  /** One set of names for each open object, undefined for each open list. */
  const open: (Set<string> | undefined)[] = [];
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === quote) {
      const end = endOfString(text, at);
      if (end < 0) return undefined;
      const problem = isName(text, end) ? noteName(open.at(-1), text.slice(at + 1, end)) : undefined;
      if (problem) return problem;
      at = end;
    } else if (char === openBrace || char === openBracket) {
      open.push(char === openBrace ? new Set() : undefined);
      if (open.length > maxDepth) return `The body nests deeper than ${maxDepth} levels.`;
      values += 1;
    } else if (char === comma) {
      values += 1;
    } else if (char === closeBrace || char === closeBracket) {
      open.pop();
    }
    if (values > maxValues) return `The body has more than ${maxValues} values.`;
  }
  return undefined;
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes += 1;
    if (slashes % 2 === 0) return end;
  }
  return -1;
}

/** In JSON, only a property name is followed by a colon. */
function isName(text: string, end: number): boolean {
  let at = end + 1;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return text.charCodeAt(at) === colon;
}

function noteName(names: Set<string> | undefined, written: string): string | undefined {
  const name = written.includes('\\') ? unescapeName(written) : written;
  if (name === '__proto__') return "The body has a property named '__proto__'.";
  if (names?.has(name)) {
    // Only what looks like an element name is repeated to the client.
    return /^\w{1,64}$/.test(name)
      ? `The body names the property '${name}' twice in one object.`
      : 'The body names a property twice in one object.';
  }
  names?.add(name);
  return undefined;
}

/** A name with escapes (`\u0061`) is the name it decodes to; a malformed one is left for the parser to refuse. */
function unescapeName(written: string): string {
  try {
    return String(JSON.parse(`"${written}"`));
  } catch {
    return written;
  }
}
