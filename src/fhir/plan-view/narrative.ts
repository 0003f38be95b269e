import type { r4 } from '../types.ts';

const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' };
// A `<` ends the search for the end of a tag: without that, text full of them would be gone through once for each.
const breaks = /<(?:br|\/p|\/li|\/tr|\/h[1-6]|\/div)\b[^<>]*>/gi;
const codePointMax = 0x10ffff;

/**
 * The words of a narrative, without its markup, one line per block. Plain text: whoever shows it escapes it like any other text.
 * Undefined when the narrative says of itself that it is empty, or has no words. Source: FHIR R4, narrative.
 */
export function narrativeText(narrative: r4.Narrative | undefined): string | undefined {
  if (narrative?.div === undefined || narrative.status === 'empty') return undefined;
  const text = narrative.div
    .replace(/\s+/g, ' ')
    .replace(breaks, '\n')
    .replace(/<[^<>]*>/g, '')
    .replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) =>
      hex || decimal ? character(hex ? Number.parseInt(hex, 16) : Number(decimal)) : (named[name] ?? whole),
    );
  const lines = text.split('\n').map((line) => line.replace(/\s+/g, ' ').trim());
  return lines.filter((line) => line !== '').join('\n') || undefined;
}

function character(code: number): string {
  return code > 0 && code <= codePointMax ? String.fromCodePoint(code) : '';
}
