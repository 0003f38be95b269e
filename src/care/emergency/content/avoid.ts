import { ofType } from '../../../fhir/of-type.ts';
import { conceptText } from '../../../fhir/plan-view/index-of.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { r4 } from '../../../fhir/types.ts';
import { keyOf, notesOf, said } from './say.ts';
import type { Line, Source } from './types.ts';

/** Kinds of Flags that tell a clinician what to take care of; those of privacy and of contacts are nobody's business here. */
const flagKinds: ReadonlySet<string | undefined> = new Set(['drug', 'diet', 'clinical', 'lab', 'safety']);
const privacyFlags = `${canonicalBase}/CodeSystem/privacy-flag`;
const noKnown: ReadonlySet<string | undefined> = new Set(['716186003', '409137002', '429625007']);

/** What must not be done, with the reason and what to do instead; then allergies, the dangerous ones first. */
export function avoidLines(source: Source): Line[] {
  return [...orders(source), ...flags(source), ...allergies(source)];
}

function orders({ resources, index, words }: Source): Line[] {
  const never = ofType(resources, 'ServiceRequest').filter(
    ({ doNotPerform, status }) => doNotPerform === true && status === 'active',
  );
  const drugs = ofType(resources, 'MedicationRequest').filter(
    ({ doNotPerform, status }) => doNotPerform === true && status === 'active',
  );
  const line = (
    resource: (typeof never)[number] | (typeof drugs)[number],
    what: string,
    instead: string | undefined,
  ): Line => {
    const reasons = said(
      ...(resource.reasonCode ?? []).map(conceptText),
      ...(resource.reasonReference ?? []).map((reference) => {
        const target = index.get(reference.reference);
        return (target && conceptText(target.code as r4.CodeableConcept | undefined)) ?? reference.display;
      }),
    );
    return {
      label: words.labels.never,
      text: what,
      facts: [
        ...(reasons.length > 0 ? [`${words.labels.because}: ${reasons.join(', ')}`] : []),
        ...(instead === undefined ? [] : [`${words.labels.instead}: ${instead}`]),
        ...notesOf(resource.note),
      ],
      references: [keyOf(resource)],
    };
  };
  return [
    ...never.map((one) => line(one, conceptText(one.code) ?? '?', one.patientInstruction)),
    ...drugs.map((one) =>
      line(one, conceptText(one.medicationCodeableConcept) ?? index.nameOf(one.medicationReference) ?? '?', undefined),
    ),
  ];
}

function flags({ resources, words }: Source): Line[] {
  const shown = ofType(resources, 'Flag').filter(({ status, code, category, period }) => {
    const kinds = (category ?? []).flatMap(({ coding = [] }) => coding.map((one) => one.code));
    const isPrivate = code.coding?.some(({ system }) => system === privacyFlags) === true;
    return status === 'active' && !isPrivate && period?.end === undefined && kinds.some((kind) => flagKinds.has(kind));
  });
  return shown.map((flag) => ({
    label: words.labels.caution,
    text: conceptText(flag.code) ?? '?',
    facts: [],
    references: [keyOf(flag)],
  }));
}

function allergies({ resources, words }: Source): Line[] {
  const active = ofType(resources, 'AllergyIntolerance').filter(({ clinicalStatus, verificationStatus }) => {
    const state = clinicalStatus?.coding?.[0]?.code;
    const proof = verificationStatus?.coding?.[0]?.code;
    return (state === undefined || state === 'active') && proof !== 'refuted' && proof !== 'entered-in-error';
  });
  const danger = ({ criticality }: r4.AllergyIntolerance) =>
    criticality === 'high' ? 0 : criticality === 'low' ? 2 : 1;
  const lines = active
    .sort((one, other) => danger(one) - danger(other))
    .map((allergy): Line => {
      const isNone = allergy.code?.coding?.some(({ code }) => noKnown.has(code)) === true;
      const reactions = (allergy.reaction ?? []).flatMap(({ manifestation }) =>
        said(...manifestation.map(conceptText)),
      );
      return {
        ...(!isNone && { label: words.labels.allergy }),
        text: isNone ? (conceptText(allergy.code) ?? words.labels.allergyNone) : (conceptText(allergy.code) ?? '?'),
        facts: [
          ...(reactions.length > 0 ? [`${words.labels.reaction}: ${[...new Set(reactions)].join(', ')}`] : []),
          ...notesOf(allergy.note),
        ],
        references: [keyOf(allergy)],
      };
    });
  return lines;
}
