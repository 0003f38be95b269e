import type { EmergencyContent, Line, Section } from '../content/types.ts';
import type { Zone } from '../scenario.ts';
import type { Run } from './pdf-text.ts';

/** A paragraph of the document, in the order of reading. */
export interface Block {
  kind: 'heading' | 'item';
  runs: readonly Run[];
  /** 0: of the section; 1: a step of the item before it. */
  depth: number;
  zone?: Zone;
  /** White on black: what can kill. */
  isLoud?: boolean;
}

/** The sections as paragraphs, what can kill first. */
export function blocksOf({ sections, notRecorded, words }: EmergencyContent): Block[] {
  const last: Block[] =
    notRecorded.length === 0
      ? []
      : [{ kind: 'item', depth: 0, runs: [{ text: `${words.notRecorded}: ${notRecorded.join(', ')}.` }] }];
  return [...sections.flatMap(blocksOfSection), ...last];
}

function blocksOfSection({ code, title, lines }: Section): Block[] {
  const isLoud = code === 'avoid' || code === 'limits';
  return [
    { kind: 'heading', depth: 0, runs: [{ text: title, bold: true }], isLoud },
    ...lines.flatMap((line) => blocksOfLine(line, 0)),
  ];
}

function blocksOfLine({ label, text, facts, zone, lines = [] }: Line, depth: number): Block[] {
  const runs: Run[] = [
    ...(label === undefined ? [] : [{ text: text === '' ? label : `${label}:`, bold: true }]),
    { text },
    ...(facts.length === 0 ? [] : [{ text: `(${facts.join('; ')})` }]),
  ].filter((run) => run.text !== '');
  return [
    { kind: 'item', depth, runs, ...(zone && { zone }) },
    ...lines.flatMap((line) => blocksOfLine(line, depth + 1)),
  ];
}
