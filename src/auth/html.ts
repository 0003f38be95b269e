/** A piece of HTML whose parts from outside have been escaped. Made by `html` alone. */
export interface Html {
  readonly markup: string;
}

type Part = Html | string | number | undefined | false | readonly (Html | string)[];

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** HTML with every part that is text escaped, also inside quoted attributes; absent parts are left out. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { markup: texts.map((text, index) => text + rendered(parts[index])).join('') };
}

function rendered(part: Part): string {
  if (part === undefined || part === false) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return 'markup' in part ? part.markup : part.map(rendered).join('');
}

/** Markup that a library made of our own input, e.g. a QR code. */
export function ownMarkup(markup: string): Html {
  return { markup };
}
