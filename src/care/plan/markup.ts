/** Text for XHTML, between tags and in attribute values. Characters that XML 1.0 does not allow become a space. */
export function escaped(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be taken out
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ' ')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}

export function element(name: string, text: string): string {
  return `<${name}>${escaped(text)}</${name}>`;
}

/** A list of ready items; nothing at all when there are none. */
export function list(items: readonly string[]): string {
  return items.length === 0 ? '' : `<ul>\n${items.map((item) => `<li>${item}</li>`).join('\n')}\n</ul>`;
}

/** A section with a heading; left out when it has no content. */
export function section(heading: string, content: string): string {
  return content === '' ? '' : `<section>\n${element('h2', heading)}\n${content}\n</section>`;
}
