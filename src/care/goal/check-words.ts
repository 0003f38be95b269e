import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { r4 } from '../../fhir/types.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';

const rule = 'goal-own-words';
const translationUrl = 'http://hl7.org/fhir/StructureDefinition/translation';

/**
 * A goal has words, and words that the child or the family said stay as they said them, in the language they said them in: a
 * translation stands beside them (extension translation on description.text) and never in their place (decision D7). Who said them stays
 * too: otherwise taking the speaker away would open the words to change.
 */
export const checkGoalWords = checkWritten(rule, 'Goal', (after, before) => {
  if (!isOfType(after, 'Goal')) return ok(undefined);
  if (!after.description?.text?.trim()) {
    return refuse(rule, 'A goal says in description.text what is wanted, in plain words.', 'Goal.description.text');
  }
  if (translationsOf(after).some(({ lang, content }) => !lang || lang === after.language || !content?.trim())) {
    const text =
      'A translation beside the words says in which language it is, another one than the goal, and what it says.';
    return refuse(rule, text, 'Goal.description.text.extension');
  }
  if (!isOfType(before, 'Goal') || !spokenByFamily(before)) return ok(undefined);
  if (before.description.text !== undefined && before.description.text !== after.description.text) {
    const text =
      'The family said this goal in its own words, which are kept. Put a translation beside them, or add a new goal or a note instead.';
    return refuse(rule, text, 'Goal.description.text');
  }
  if (before.language !== undefined && before.language !== after.language) {
    return refuse(rule, 'The language in which the family said this goal stays as it is.', 'Goal.language');
  }
  if (before.expressedBy?.reference !== after.expressedBy?.reference) {
    return refuse(
      rule,
      'Who expressed a goal of the family stays as it is. Add a new goal instead.',
      'Goal.expressedBy',
    );
  }
  return ok(undefined);
});

function spokenByFamily(goal: r4.Goal): boolean {
  return /^(Patient|RelatedPerson)\//.test(goal.expressedBy?.reference ?? '');
}

function translationsOf({ description }: r4.Goal): { lang?: string; content?: string }[] {
  const translations = (description._text?.extension ?? []).filter(({ url }) => url === translationUrl);
  return translations.map(({ extension }) => {
    const part = (name: string) => extension?.find(({ url }) => url === name);
    const content = part('content');
    return { lang: part('lang')?.valueCode, content: content?.valueString ?? content?.valueMarkdown };
  });
}
