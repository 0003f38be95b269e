import { createHash } from 'node:crypto';
import type { Response } from 'express';
import { type Html, html } from './html.ts';
import { languageNames, languageOf, languages, wordsOf } from './words/language.ts';

export { escapeHtml } from './html.ts';

/** The one style of our pages. No page has a script; the policy names this text by its hash and lets nothing else in. */
const style = `:root{color-scheme:light}body{font:1.1rem/1.5 system-ui,sans-serif;max-width:38rem;margin:0 auto;padding:2rem 1rem 4rem;color:#1b2733;background:#fff}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 1rem}h2{font-size:1.2rem;margin:2rem 0 .5rem}a{color:#0b5c73}
.top{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:center;gap:.25rem 1rem;margin:0 0 1.5rem}.brand{color:#0b5c73;font-weight:600;margin:0}
.languages{display:flex;gap:1rem}.languages a,.languages span{padding:.25rem 0}.languages span{font-weight:600}form+.hint{margin-top:1.25rem}
label{display:block;margin:1rem 0 .25rem;font-weight:600}.hint{color:#4a5763;margin:.25rem 0}
input:not([type=checkbox]):not([type=radio]):not([type=hidden]){box-sizing:border-box;width:100%;font:inherit;padding:.6rem .7rem;border:1px solid #5d6b78;border-radius:.4rem;background:#fff;color:inherit}
button{font:inherit;font-weight:600;padding:.65rem 1.2rem;border:1px solid #0b5c73;border-radius:.4rem;background:#0b5c73;color:#fff;cursor:pointer;margin:1rem .5rem 0 0}
button.second{background:#fff;color:#0b5c73}button.choice{display:block;width:100%;text-align:left;margin:.5rem 0 0;background:#fff;color:#1b2733;font-weight:400}
button.small{padding:.35rem .8rem;margin:.5rem 0 0}
:focus-visible{outline:3px solid #b35900;outline-offset:2px}
.problem{border-left:4px solid #a3231f;background:#fdf1f0;padding:.6rem .9rem;margin:0 0 1rem}
.notice{border-left:4px solid #0b5c73;background:#eef6f8;padding:.6rem .9rem;margin:0 0 1rem}
fieldset{border:1px solid #c3ccd4;border-radius:.4rem;margin:1rem 0 0;padding:.5rem 1rem 1rem}legend{font-weight:600;padding:0 .3rem}
.tick{display:flex;gap:.6rem;align-items:flex-start;font-weight:400;margin:.6rem 0 0}.tick input{width:1.2rem;height:1.2rem;margin-top:.2rem;flex:none}
.within{margin-left:1.9rem}ul.plain{list-style:none;padding:0;margin:0}.entry{border-top:1px solid #c3ccd4;padding:1rem 0}
code{font-size:1.05rem;background:#f1f4f6;padding:.1rem .3rem;border-radius:.2rem;overflow-wrap:anywhere}.codes{columns:2}.qr svg{width:13rem;height:13rem}`;

const styleHash = createHash('sha256').update(style).digest('base64');

export interface Page {
  status: number;
  title: string;
  body: Html;
  /** Hospital origins that may show the page inside their record system; nobody may when absent. */
  frameAncestors?: string;
  /** Where the page's forms may lead besides to us: the app that waits for the answer. */
  formTarget?: string | undefined;
  /** Where the same page is asked for again in another language, relative to itself. Of what a request brought only what is known to be good: a page echoes nothing. */
  stay?: string;
}

/** Answers with one of our pages: no script, no foreign content, stored by nobody, framed by nobody (TH-12). */
export function sendHtml(response: Response, page: Page): void {
  const { frameAncestors = "'none'", formTarget = '' } = page;
  response
    .status(page.status)
    .set({
      'Cache-Control': 'no-store',
      'Content-Language': languageOf(response),
      'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'self'${formTarget && ` ${formTarget}`}; frame-ancestors ${frameAncestors}`,
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    })
    .type('html');
  if (page.frameAncestors === undefined) response.set('X-Frame-Options', 'DENY');
  else response.removeHeader('X-Frame-Options');
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${page.title} · Careweave</title>`;
  const main = html`<header class="top"><p class="brand">Careweave</p>${languageSwitch(response, page.stay)}</header><main><h1>${page.title}</h1>${page.body}</main>`;
  response.send(
    `<!doctype html>\n<html lang="${languageOf(response)}"><head>${head.markup}<style>${style}</style></head><body>${main.markup}</body></html>\n`,
  );
}

/** The other languages, each a way to the same page: the request that waits goes on. Nothing where the page cannot be shown again. */
function languageSwitch(response: Response, stay: string | undefined): Html | undefined {
  if (stay === undefined) return undefined;
  const [path = '', query = ''] = stay.split('?', 2);
  const ways = languages.map((one) => {
    const name = languageNames[one];
    if (one === languageOf(response)) return html`<span lang="${one}" aria-current="true">${name}</span>`;
    const search = new URLSearchParams(query);
    search.set('ui_locales', one);
    return html`<a lang="${one}" hreflang="${one}" href="${`${path}?${search}`}">${name}</a>`;
  });
  return html`<nav class="languages" aria-label="${wordsOf(response).page.language}">${ways}</nav>`;
}

/**
 * A plain page for a person who cannot go on: says what happened and what to do, nothing about any child. `frameAncestors` is the
 * hospital's origin when the page may be shown inside its record system; nobody else may frame it.
 */
export function sendPage(
  response: Response,
  { text, ...page }: { status: number; title: string; text: string; frameAncestors?: string; stay?: string },
): void {
  sendHtml(response, { ...page, body: html`<p>${text}</p>` });
}
