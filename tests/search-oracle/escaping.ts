/** Splits where the separator is not escaped; escapes stay in. Source: FHIR R4, search.html#escaping. */
export function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === separator) {
      parts.push(part);
      part = '';
    } else if (text[at] === '\\') {
      part += text.slice(at, at + 2);
      at += 1;
    } else part += text[at];
  }
  return [...parts, part];
}

export const unescaped = (text: string) => text.replace(/\\([\\,|$])/g, '$1');
export const escaped = (text: string) => text.replace(/[\\,|$]/g, '\\$&');
