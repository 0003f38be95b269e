import { renderSVG } from 'uqr';
import { element, escaped } from '../../plan/markup.ts';
import type { EmergencyContent, Line, Section } from '../content/types.ts';

const style = `
:root { color-scheme: light; }
body { font: 12.5px/1.35 "DejaVu Sans Condensed", "Noto Sans", Arial, sans-serif; color: #111; background: #fff; margin: 1.2em auto; max-width: 62em; padding: 0 1em; }
header { border-bottom: 3px solid #111; padding-bottom: .3em; }
.pictures { float: right; display: flex; gap: .6em; margin: 0 0 .3em .8em; } .pictures img { height: 30mm; max-width: 30mm; object-fit: contain; }
.code { width: 38mm; font-size: .85em; } .code svg { width: 38mm; height: 38mm; display: block; }
header::after { content: ''; display: block; clear: both; }
header p { margin: .15em 0; } h1 { font-size: 1.05em; margin: 0; text-transform: uppercase; letter-spacing: .06em; }
.name { font-size: 1.7em; font-weight: bold; } .summary { font-size: 1.15em; }
.due { border: 2px solid #8a1c00; background: #fff0eb; color: #6e1600; padding: .35em .6em; margin: .5em 0; font-weight: bold; }
.due ul { font-weight: normal; margin: .2em 0 0; }
main { columns: 2 26em; column-gap: 1.6em; margin-top: .4em; }
section { margin: 0 0 .5em; } h2 { font-size: 1.02em; margin: .5em 0 .15em; border-bottom: 1px solid #555; break-after: avoid; }
ul { margin: 0; padding-left: 1.1em; } li { margin: .12em 0; break-inside: avoid; } li li { break-inside: auto; }
.avoid h2, .limits h2 { background: #111; color: #fff; padding: .1em .3em; border: 0; }
.label { font-weight: bold; } .facts { color: #333; }
.zone-green { border-left: .5em solid #1a7f37; padding-left: .35em; } .zone-yellow { border-left: .5em solid #c99700; padding-left: .35em; }
.zone-red { border-left: .5em solid #b42318; padding-left: .35em; }
footer { border-top: 1px solid #555; font-size: .9em; color: #333; margin-top: .4em; }
@page { size: Letter; margin: 10mm; }
@media print { body { font-size: 8.6pt; margin: 0; max-width: none; padding: 0; } main { columns: 2; } }
`;

/**
 * An emergency plan as one page for a screen and for paper: no script, nothing loaded from elsewhere, and nobody's name in its title, which browsers
 * print, keep and tell. The same for equal content.
 */
export function emergencyHtml(content: EmergencyContent): string {
  const { words, child, summary, asOf, sections, notRecorded } = content;
  const body = [
    '<header>',
    picturesHtml(content),
    `<h1>${escaped(words.title)}</h1>`,
    `<p class="name">${escaped(child.name)}</p>`,
    element('p', child.facts.join(' · ')),
    `<p class="summary"><strong>${escaped(summary)}</strong></p>`,
    `<p><strong>${escaped(`${words.asOf} ${asOf}`)}</strong></p>`,
    '</header>',
    dueHtml(content),
    `<main>\n${sections.map(sectionHtml).join('\n')}\n</main>`,
    notRecorded.length === 0 ? '' : `<footer>${escaped(`${words.notRecorded}: ${notRecorded.join(', ')}.`)}</footer>`,
  ];
  return [
    '<!DOCTYPE html>',
    `<html xmlns="http://www.w3.org/1999/xhtml" lang="${words.language}" xml:lang="${words.language}">`,
    `<head><meta charset="utf-8" /><meta name="viewport" content="width=device-width, initial-scale=1" /><title>${escaped(words.title)}</title><style>${style}</style></head>`,
    `<body>\n${body.filter((part) => part !== '').join('\n')}\n</body>`,
    '</html>',
    '',
  ].join('\n');
}

/** The child's face, and the code that leads to the plan as it is then. */
function picturesHtml({ child: { photo }, link, words }: EmergencyContent): string {
  if (!photo && !link) return '';
  const image = photo
    ? `<img alt="${escaped(words.photo)}" src="data:${photo.contentType};base64,${escaped(photo.data)}" />`
    : '';
  const code = link
    ? `<div class="code">${renderSVG(link.uri, { ecc: 'L', border: 2 })}${escaped(words.link(link.until, link.hasPasscode))}</div>`
    : '';
  return `<div class="pictures">${code}${image}</div>`;
}

/** That the plan is to be checked again, and why; nothing when it is not. */
export function dueHtml({ standing, words }: Pick<EmergencyContent, 'standing' | 'words'>): string {
  if (!standing.isDue) return '';
  const why = [...standing.reasons, ...standing.missing];
  return `<div class="due" role="note">${escaped(words.checkAgain)}<ul>${why.map((one) => element('li', one)).join('')}</ul></div>`;
}

function sectionHtml(section: Section): string {
  return `<section class="${section.code}">\n${element('h2', section.title)}\n${linesHtml(section.lines)}\n</section>`;
}

/** The lines of a section as a list. What people wrote stands as they wrote it, in its own direction. */
export function linesHtml(lines: readonly Line[]): string {
  return `<ul>\n${lines.map(lineHtml).join('\n')}\n</ul>`;
}

function lineHtml({ label, text, facts, zone, lines = [] }: Line): string {
  const named = label === undefined ? '' : `<span class="label">${escaped(label)}${text === '' ? '' : ':'}</span> `;
  const more = facts.length === 0 ? '' : ` <span class="facts" dir="auto">(${escaped(facts.join('; '))})</span>`;
  const inner = lines.length === 0 ? '' : `\n${linesHtml(lines)}`;
  const of = zone === undefined ? '' : ` class="zone-${zone}"`;
  return `<li${of}>${named}<span dir="auto">${escaped(text)}</span>${more}${inner}</li>`;
}
