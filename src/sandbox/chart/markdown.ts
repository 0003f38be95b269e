import { type Html, html } from './html.ts';

/** A backslash before ASCII punctuation: that character, without meaning. Source: CommonMark 0.31, 2.4 Backslash escapes. */
const escaped = /\\([!-/:-@[-`{-~])/g;
/** Escaped characters stand in the private use area while the line is read, so that nothing takes them for markup. */
const privateUse = 0xe000;

function hideEscaped(line: string): string {
  return line.replace(escaped, (_whole, character: string) =>
    String.fromCharCode(privateUse + character.charCodeAt(0)),
  );
}

function showEscaped(text: string): string {
  return text.replace(/[\ue021-\ue07e]/g, (character) => String.fromCharCode(character.charCodeAt(0) - privateUse));
}

function inline(line: string): Html {
  const pieces = line.split(/\*\*(.+?)\*\*/).map(showEscaped);
  return html`${pieces.map((piece, index) => (index % 2 === 1 ? html`<strong>${piece}</strong>` : piece))}`;
}

/** The little Markdown that cards use: headings, lists, bold, paragraphs, escapes. Everything else is shown as text. */
export function markdown(source: string): Html {
  return html`${hideEscaped(source)
    .split(/\n{2,}/)
    .map((block) => {
      const lines = block.split('\n').filter((line) => line.trim() !== '');
      const isItem = (line: string) => /^\s*[-*] /.test(line);
      const items = lines.filter(isItem).map((line) => html`<li>${inline(line.replace(/^\s*[-*] /, ''))}</li>`);
      const rest = lines.filter((line) => !isItem(line));
      const above = rest.map((line) =>
        /^#{1,6} /.test(line) ? html`<h4>${inline(line.replace(/^#+ /, ''))}</h4>` : html`<p>${inline(line)}</p>`,
      );
      return html`${above}${items.length > 0 && html`<ul>${items}</ul>`}`;
    })}`;
}
