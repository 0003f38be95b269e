/**
 * Search values escape `,` `|` `$` and `\` with a backslash (FHIR R4, search.html#escaping).
 * Splitting comes first and leaves the escapes in; `unescape` takes them away from the parts.
 */
export function splitEscaped(text: string, separator: ',' | '|' | '$'): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

export function unescapeValue(text: string): string {
  // Most have none, and a value may have a hundred thousand parts.
  return text.includes('\\') ? text.replace(/\\([,|$\\])/g, '$1') : text;
}
