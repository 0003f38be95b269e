export interface Tag {
  /** In lower case, without a namespace prefix; empty for a comment. */
  name: string;
  attributes: readonly { name: string; value: string }[];
  /** Position after the closing `>`. */
  end: number;
}

/** What may come before the next attribute; browsers take a slash for a blank. */
const between = /[\s/]*/y;
const attributeName = /[^\s/>="'<]+/y;
const equals = /\s*=\s*/y;
const elementName = /\/?([A-Za-z][\w.:-]*)/y;

/**
 * Reads the tag (or comment) that opens at `start`, the way a browser would rather than the way it is meant: an attribute's value
 * ends at its quote, so a `>` in it does not end the tag. Undefined for what is no tag of XHTML: `<` in text, unquoted values, CDATA.
 */
export function nextTag(text: string, start: number): Tag | undefined {
  if (text.startsWith('<!--', start)) {
    const close = text.indexOf('-->', start + 4);
    return close < 0 ? undefined : { name: '', attributes: [], end: close + 3 };
  }
  const named = take(elementName, text, start + 1);
  if (!named) return undefined;
  const attributes: { name: string; value: string }[] = [];
  let at = named.end;
  for (;;) {
    if (text[at] !== '>') at = take(between, text, at)?.end ?? at;
    if (text[at] === '>') return { name: localName(named.part), attributes, end: at + 1 };
    const attribute = take(attributeName, text, at);
    const sign = attribute && take(equals, text, attribute.end);
    const quote = sign && text[sign.end];
    if (!attribute || !sign || (quote !== '"' && quote !== "'")) return undefined;
    const close = text.indexOf(quote, sign.end + 1);
    if (close < 0) return undefined;
    attributes.push({ name: localName(attribute.part), value: resolved(text.slice(sign.end + 1, close)) });
    at = close + 1;
  }
}

function take(pattern: RegExp, text: string, at: number): { part: string; end: number } | undefined {
  // Said anew at each call, so that the position of the call before counts for nothing.
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  return found ? { part: found[1] ?? found[0], end: pattern.lastIndex } : undefined;
}

function localName(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1).toLowerCase();
}

const characters: Record<string, string> = { amp: '&', colon: ':', Tab: '', NewLine: '', quot: '"', apos: "'" };

/** The value a browser acts on: character references resolved, blanks and control characters taken out. */
function resolved(value: string): string {
  const plain = value.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));?/gi, (whole, hex, decimal, name) => {
    if (hex === undefined && decimal === undefined) return characters[name] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers skip exactly these inside of a link's scheme
  return plain.replace(/[\u0000-\u0020]/g, '');
}
