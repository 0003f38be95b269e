import type { Attribution, PlanSection, SectionLine } from '../../fhir/plan-view.ts';
import { escaped, list } from './markup.ts';

/** A section's content as XHTML, without its heading: for the page and for the narrative of the Composition alike. */
export function sectionContent(section: PlanSection, level = 3): string {
  const parts = section.parts.map((part) => `${heading(part, level)}\n${sectionContent(part, level + 1)}`);
  const lines = list(section.lines.map(lineHtml));
  return [lines, ...parts].filter((text) => text !== '').join('\n');
}

export function heading({ title }: PlanSection, level: number): string {
  return `<h${level}>${escaped(title)}</h${level}>`;
}

/** One line: its words, what else it says, and who says so. */
export function lineHtml(line: SectionLine): string {
  const words = line.quoted ? `“${line.words}”` : line.doNot ? `DO NOT: ${line.words}` : line.words;
  const facts = line.facts.length === 0 ? '' : ` (${escaped(line.facts.join('; '))})`;
  const said = line.said.length === 0 ? '' : ` ${saidHtml(line.said)}`;
  const text = `${escaped(words)}${facts}${said}`;
  return line.open ? text : `<span class="closed">${text}</span>`;
}

export function saidHtml(said: readonly Attribution[]): string {
  return `<span class="source">[${escaped(said.map(attributionText).join(' · '))}]</span>`;
}

/** E.g. `Ana Solorio (mother), 2026-05-01, written down by N. Reed for Harbor Program`. The day is enough, and the same in every time zone. */
export function attributionText({ who, when, status, writtenBy, forWhom }: Attribution): string {
  const written = [writtenBy && `written down by ${writtenBy}`, forWhom && `for ${forWhom}`].filter(Boolean).join(' ');
  return [who, when?.slice(0, 10), status, written].filter(Boolean).join(', ');
}
