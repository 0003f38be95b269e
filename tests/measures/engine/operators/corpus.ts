import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** One row of the corpus: an expression, and the expression that it has to be the same as. */
export interface Case {
  operator: string;
  cql: string;
  /** CQL; or `error`; or `uncertain 1 2`, some integer between the two. */
  expected: string;
}

export interface Chapter {
  name: string;
  /** Declarations that its cases need. */
  declarations: string;
  cases: Case[];
}

const folder = path.join(import.meta.dirname, 'corpus');

/**
 * A file holds declarations, then sections `# Operator` of lines `expression => expected`. The text after the last ` => ` is what is
 * expected.
 */
function readChapter(file: string): Chapter {
  const declarations: string[] = [];
  const cases: Case[] = [];
  let operator = '';
  for (const line of readFileSync(path.join(folder, file), 'utf8').split('\n')) {
    const arrow = line.lastIndexOf(' => ');
    if (line.startsWith('# ')) operator = line.slice(2).trim();
    else if (arrow > 0) cases.push({ operator, cql: line.slice(0, arrow), expected: line.slice(arrow + 4).trim() });
    else if (operator === '') declarations.push(line);
    else if (line !== '') throw new Error(`${file}: no case: ${line}`);
  }
  return { name: path.basename(file, '.cases'), declarations: declarations.join('\n'), cases };
}

export const chapters: readonly Chapter[] = readdirSync(folder).sort().map(readChapter);

/** The chapter as a library: each case is `Actual n`, what it has to be the same as `Expected n`. */
export function libraryOf(chapter: Chapter): string {
  const definitions = chapter.cases.flatMap((entry, n) => [
    `define "Actual ${n}": ${entry.cql}`,
    ...(shownWords(entry) === undefined ? [`define "Expected ${n}": ${entry.expected}`] : []),
  ]);
  return `library Corpus version '1'\nusing FHIR version '4.0.1'\n${chapter.declarations}\ncontext Patient\n${definitions.join('\n')}\n`;
}

const asItIs = /^(?:error|null|true|false|-?\d+)$/;

/** What `show` gives for an expectation that need not be computed: a word, or an integer; undefined for any other. */
export function shownWords({ expected }: Case): string | undefined {
  if (asItIs.test(expected)) return expected;
  const [word, low, high] = expected.split(' ');
  if (word !== 'uncertain') return undefined;
  return high === undefined ? low : `uncertain ${low} ${high}`;
}
