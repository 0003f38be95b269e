/** Tags within a word; every other one ends it. */
const inline = new Set(
  'a abbr acronym b bdo big cite code dfn em font i q s samp small span strike strong sub sup tt u var'.split(' '),
);

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  szlig: 'ß',
  aelig: 'æ',
  oelig: 'œ',
};

/** The readable text of an XHTML narrative, without tags and comments. */
export function narrativeText(div: string): string {
  let text = '';
  let at = 0;
  while (at < div.length) {
    const open = div.indexOf('<', at);
    if (open < 0) break;
    text += div.slice(at, open);
    const end = endOfTag(div, open);
    const name = /^<\/?([A-Za-z]+)/.exec(div.slice(open, open + 20))?.[1]?.toLowerCase() ?? '';
    if (!inline.has(name)) text += ' ';
    at = end;
  }
  return decoded(text + div.slice(at));
}

/** The place behind a tag or comment; the end of the text where it does not close. */
function endOfTag(div: string, open: number): number {
  if (div.startsWith('<!--', open)) {
    const close = div.indexOf('-->', open);
    return close < 0 ? div.length : close + 3;
  }
  let quote = '';
  for (let at = open + 1; at < div.length; at += 1) {
    const char = div.charAt(at);
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '>') return at + 1;
  }
  return div.length;
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|([A-Za-z]{2,8}));/g, (_all, decimal, hex, name) => {
    if (name !== undefined) return named(name);
    const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return point <= 0x10ffff ? String.fromCodePoint(point) : ' ';
  });
}

/** Accents do not count in a search, so `&eacute;` is as good as the e it is written on. */
function named(name: string): string {
  const letter = /^([A-Za-z])(?:acute|grave|circ|uml|tilde|cedil|ring|caron|slash)$/.exec(name)?.[1];
  return letter ?? entities[name.toLowerCase()] ?? ' ';
}
