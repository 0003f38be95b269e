import type { Response } from 'express';
import type { Hospital } from '../hospital.ts';
import { type Html, html } from './html.ts';

export const style = `
:root { color-scheme: light; font: 16px/1.5 system-ui, sans-serif; color: #1c2733; background: #f3f5f7; }
body { margin: 0; }
header { background: #20445f; color: #fff; padding: .75rem 1.5rem; display: flex; gap: 1.5rem; align-items: center; flex-wrap: wrap; }
header a { color: #fff; font-weight: 600; }
header form { margin-left: auto; display: flex; gap: .5rem; align-items: center; flex-wrap: wrap; }
main { max-width: 60rem; margin: 1.5rem auto; padding: 0 1.5rem; }
section { background: #fff; border: 1px solid #d4dbe1; border-radius: .4rem; padding: .25rem 1.25rem 1rem; margin: 1rem 0; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; } h3 { font-size: 1rem; margin-bottom: .25rem; }
table { border-collapse: collapse; width: 100%; background: #fff; } th, td { text-align: left; padding: .45rem .75rem; border-bottom: 1px solid #d4dbe1; }
button, select { font: inherit; padding: .4rem .9rem; border-radius: .3rem; border: 1px solid #20445f; max-width: 100%; }
button { background: #20445f; color: #fff; cursor: pointer; }
header button { background: #fff; color: #20445f; }
a { color: #1b5a8a; } a:focus-visible, button:focus-visible, select:focus-visible { outline: 3px solid #e08a00; outline-offset: 2px; }
.card { border-left: .4rem solid #1b5a8a; } .card.warning { border-color: #b36b00; } .card.critical { border-color: #b3261e; }
.quiet { color: #52606d; } .apps { display: flex; gap: .75rem; flex-wrap: wrap; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: .5rem; background: #fff; color: #20445f; padding: .5rem; }
`;

interface Page {
  hospital: Hospital;
  title: string;
  body: Html;
  /** The "signed in as" form, on pages of the chart. */
  signIn?: Html;
}

/** Sends a whole page. No script runs on it, and nothing is loaded from elsewhere. */
export function sendPage(response: Response, status: number, { hospital, title, body, signIn }: Page): void {
  const root = `/ehr/${hospital.id}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – ${hospital.name}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${root}/style.css">
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header><a href="${root}/">${hospital.name}</a> <span>Sandbox EHR – invented records</span>${signIn}</header>
<main id="content">
<h1>${title}</h1>
${body}
</main>
</body>
</html>`;
  response
    .status(status)
    .set({
      'Content-Security-Policy':
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'",
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
    })
    .type('html')
    .send(page.markup);
}
