import type { Response } from 'express';

/** Texts that need no escaping because they are ours; anything else goes through `escapeHtml`. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/**
 * A plain page for a person whose launch cannot go on: says what happened and what to do, nothing about any child. `frameAncestors` is the
 * hospital's origin when the page may be shown inside its record system; nobody else may frame it.
 */
export function sendPage(
  response: Response,
  page: { status: number; title: string; text: string; frameAncestors?: string },
): void {
  response
    .status(page.status)
    .set({
      'Cache-Control': 'no-store',
      'Content-Security-Policy': `default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors ${page.frameAncestors ?? "'none'"}`,
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    })
    .type('html')
    .send(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(page.title)} · Careweave</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}</style></head>
<body><main><h1>${escapeHtml(page.title)}</h1><p>${escapeHtml(page.text)}</p></main></body>
</html>
`);
}
