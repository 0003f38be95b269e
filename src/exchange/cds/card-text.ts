/** Text on one line: line breaks and runs of spaces would break a card's layout. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** At most `max` UTF-16 units, cut between characters, with an ellipsis when something is left out. */
export function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  const characters = Array.from(text);
  let kept = '';
  for (const character of characters) {
    if (kept.length + character.length > max - 1) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/**
 * Text of a record as inert markdown: an EHR renders the card's detail, so nothing in a record may become a link, an image, a
 * heading or HTML there. Source: CommonMark, backslash escapes.
 */
export function markdownText(text: string, max: number): string {
  return shortened(oneLine(text), max).replace(/[\\`*_{}[\]()#+\-.!|<>&~:]/g, (character) => `\\${character}`);
}
