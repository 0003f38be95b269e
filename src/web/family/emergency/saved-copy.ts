/** What a file says of itself, in the reader's language. */
export interface CopyWords {
  /** When and from where it was saved, and that it does not change by itself. */
  note: string;
}

/** The file loads nothing and runs nothing, wherever it is opened. */
const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:" />`;
const style = `<style>.saved { border: 2px solid #0b5c73; background: #eef6f8; padding: .5em .7em; margin: 0 0 .8em; font-weight: bold; }
@media screen and (max-width: 40em) { body { font-size: 17px; margin: .6em auto; } main { columns: 1; } }</style>`;

/**
 * The emergency plan as one file that opens without network: the page as the server renders it, with a note on top that it is a copy, of when.
 * Undefined when the page is not what it was known to be: better no file than one that does not say how old it is.
 */
export function savedCopy(html: string, { note }: CopyWords): string | undefined {
  const parts = /^([\s\S]*?<head>)([\s\S]*?)(<\/head>\s*<body>)([\s\S]*)$/.exec(html);
  if (!parts) return undefined;
  const [, start = '', head = '', body = '', rest = ''] = parts;
  return `${start}${policy}${head}${style}${body}\n<p class="saved" role="note">${escaped(note)}</p>${rest}`;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
