import { ofType } from '../../../fhir/of-type.ts';
import { conceptText } from '../../../fhir/plan-view/index-of.ts';
import type { r4 } from '../../../fhir/types.ts';
import { dayOf, keyOf, notesOf, said, valueText } from './say.ts';
import type { Line, Source } from './types.ts';

/** Limits of treatment and advance plans: directives on file, preferences that were said, Flags of advance directives (D6). */
export function limitLines({ resources }: Source): Line[] {
  const directives = ofType(resources, 'Consent').filter(
    ({ status, scope }) => status === 'active' && hasCode(scope, 'adr'),
  );
  const documents = ofType(resources, 'DocumentReference').filter(({ status }) => status === 'current');
  const preferences = ofType(resources, 'Observation').filter(
    ({ code, status }) => hasCode(code, '75773-2') && /^(final|amended|corrected)$/.test(status),
  );
  const flags = ofType(resources, 'Flag').filter(
    ({ status, category }) =>
      status === 'active' && category?.some((kind) => hasCode(kind, 'advance-directive')) === true,
  );
  return [
    ...flags.map((flag): Line => ({ text: conceptText(flag.code) ?? '?', facts: [], references: [keyOf(flag)] })),
    ...preferences.map(
      (one): Line => ({
        text: valueText(one) ?? conceptText(one.code) ?? '?',
        facts: said(dayOf(one.effectiveDateTime), ...notesOf(one.note)),
        references: [keyOf(one)],
      }),
    ),
    ...directives.map(
      (one): Line => ({
        text: said(...one.category.map(conceptText)).join(', ') || '?',
        facts: said(conceptText(one.provision?.code?.[0]), dayOf(one.dateTime)),
        references: [keyOf(one)],
      }),
    ),
    ...documents.map(
      (one): Line => ({
        text: one.description ?? conceptText(one.type) ?? '?',
        facts: said(dayOf(one.date)),
        references: [keyOf(one)],
      }),
    ),
  ];
}

function hasCode(concept: r4.CodeableConcept | undefined, code: string): boolean {
  return concept?.coding?.some((one) => one.code === code) === true;
}
