import { fail, ok, type Result } from '../../../base/errors.ts';
import { wordsOf } from '../../../fhir/plan-view/alike.ts';
import type { r4 } from '../../../fhir/types.ts';
import type { Person } from './legacy-plan.ts';

/**
 * Whether a document is about this child: the birth dates agree as far as both are told, and so does some part of the name (names change). A
 * plan of another child in this child's record is the worst that an import can do, so a document that tells neither is refused too.
 */
export function checkSameChild(person: Person, child: r4.Patient): Result<void> {
  const told = person.birthDate;
  const known = child.birthDate;
  const agreesByBirth = told !== undefined && known !== undefined && isSameDay(told, known);
  if (told !== undefined && known !== undefined && !agreesByBirth) {
    return fail('unprocessable', 'The document is about somebody who was born on another day than this child.', {
      code: 'business-rule',
    });
  }
  const theirs = new Set(person.names.flatMap((name) => wordsOf(name)));
  const ours = (child.name ?? []).flatMap(({ family = '', given = [], text = '' }) =>
    [family, ...given, text].flatMap((name) => wordsOf(name)),
  );
  const agreesByName = ours.some((word) => theirs.has(word));
  if (theirs.size > 0 && ours.length > 0 && !agreesByName) {
    return fail('unprocessable', 'The document is about somebody of another name than this child.', {
      code: 'business-rule',
    });
  }
  if (agreesByBirth && agreesByName) return ok(undefined);
  const text =
    'The document has to say when the child was born and how it is called, as the record does: it is not certain whom it is about.';
  return fail('unprocessable', text, { code: 'business-rule' });
}

function isSameDay(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length, 10);
  return length >= 4 && a.slice(0, length) === b.slice(0, length);
}
