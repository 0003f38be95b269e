import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import express, { type Router } from 'express';

/**
 * The web pages: built files under `/app/`, our SMART apps at their addresses, and a small front page that shows the way.
 * `links` are the ones printed at the start.
 */
export function pages(webDir: string, links: () => readonly { label: string; url: string }[]): Router {
  const router = express.Router();
  router.use('/app', express.static(webDir, { index: false, fallthrough: true, setHeaders: keepForEver }));
  for (const page of ['clinician', 'family', 'coordinator']) {
    const file = join(webDir, page, 'index.html');
    router.get([`/${page}`, `/${page}/launch`, `/${page}/callback`], (_request, response) => {
      response.set('Cache-Control', 'no-store').sendFile(file, { cacheControl: false });
    });
  }
  router.get('/', (_request, response) => {
    response.type('html').send(frontPage(links()));
  });
  return router;
}

/** The name of a built file is made from what it holds. */
function keepForEver(response: ServerResponse): void {
  response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
}

function frontPage(links: readonly { label: string; url: string }[]): string {
  const items = links
    .map(({ label, url }) => `<li><a href="${escapeHtml(url)}">${escapeHtml(label)}</a></li>`)
    .join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Careweave</title><style>body{font:16px/1.6 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color:#1b2733}a{color:#0b5c73}</style></head>
<body><main><h1>Careweave</h1><p>One shared plan of care per child, in step with hospital EHRs, with honest pediatric quality measures.</p><ul>${items}</ul></main></body></html>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
