import { wordsOf } from '../../../../fhir/plan-view/alike.ts';
import { childOf, textOf, type XmlElement } from './xml.ts';

/** Words of the heads of tables, which say nothing of a child. */
const heads: ReadonlySet<string> = new Set([
  ...['allergen', 'code', 'comment', 'date', 'dates', 'directions', 'dose', 'end', 'instructions', 'lot', 'medication'],
  ...['name', 'note', 'notes', 'number', 'problem', 'range', 'reaction', 'reactions', 'reference', 'result', 'route'],
  ...['severity', 'sign', 'start', 'started', 'status', 'test', 'time', 'unit', 'units', 'vaccine', 'value', 'vital'],
]);

/**
 * Whether the words of the sections say no more than what was read: every word of their narrative, short ones too (abbreviations are) and only numbers below 100 left out, stands in what was made of
 * the entries, in the title of the section or in the head of a table. People read the narrative; one word more, and nobody can say what it tells.
 */
export function saysNoMore(sections: readonly XmlElement[], made: readonly object[]): boolean {
  const known = new Set(wordsOf(JSON.stringify(made)));
  return sections.every((section) => {
    const title = new Set(narrativeWords(childOf(section, 'title')));
    return narrativeWords(childOf(section, 'text')).every(
      (word) => /^\d{1,2}$/.test(word) || known.has(word) || heads.has(word) || title.has(word),
    );
  });
}

const narrativeWords = (element: XmlElement | undefined) => (element ? wordsOf(textOf(element)) : []);
