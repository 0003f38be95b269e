import { type Html, html } from './html.ts';

function inline(line: string): Html {
  const pieces = line.split(/\*\*(.+?)\*\*/);
  return html`${pieces.map((piece, index) => (index % 2 === 1 ? html`<strong>${piece}</strong>` : piece))}`;
}

/** The little Markdown that cards use: headings, lists, bold, paragraphs. Everything else is shown as text. */
export function markdown(source: string): Html {
  return html`${source.split(/\n{2,}/).map((block) => {
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
