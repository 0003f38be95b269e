/** Where a FHIRPath text has this character outside of quotes and brackets. */
function placesOf(text: string, wanted: string): number[] {
  const places: number[] = [];
  let depth = 0;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote !== '') {
      if (char === '\\') at++;
      else if (char === quote) quote = '';
    } else if (char === "'" || char === '"' || char === '`') quote = char;
    else if (depth === 0 && char === wanted) places.push(at);
    else if (char === '(' || char === '[') depth++;
    else if (char === ')' || char === ']') depth--;
  }
  return places;
}

/** The alternatives of a union: `a | (b | c).d` → `a` and `(b | c).d`. */
export function alternativesOf(expression: string): string[] {
  const bars = placesOf(expression, '|');
  return [-1, ...bars].map((bar, place) => expression.slice(bar + 1, bars[place]).trim());
}

/** The text in the brackets that `text` begins with, and what follows them; undefined when they do not close. */
export function bracketed(text: string): { inside: string; rest: string } | undefined {
  const [end] = placesOf(text.slice(1), ')');
  return end === undefined ? undefined : { inside: text.slice(1, end + 1), rest: text.slice(end + 2) };
}
