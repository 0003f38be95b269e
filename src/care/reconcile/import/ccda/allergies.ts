import type { r4 } from '../../../../fhir/types.ts';
import { isNegated, relatedOf, remember, statementOf } from './entries.ts';
import type { Reading } from './sections.ts';
import { conceptOf, dayOf, identifiersOf, isNull } from './values.ts';
import { childOf, childrenOf, hasTemplate, type XmlElement } from './xml.ts';

const allergyObservation = '2.16.840.1.113883.10.20.22.4.7';
const reactionTemplate = '2.16.840.1.113883.10.20.22.4.9';
const severityTemplate = '2.16.840.1.113883.10.20.22.4.8';
const criticalityTemplate = '2.16.840.1.113883.10.20.22.4.145';
const clinicalSystem = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';
const verificationSystem = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification';

type Allergy = r4.AllergyIntolerance;
type Category = NonNullable<Allergy['category']>[number];

/** SNOMED CT codes of the value set Allergy and Intolerance Type. */
const types: Readonly<Record<string, { type?: Allergy['type']; category?: Category }>> = {
  '416098002': { type: 'allergy', category: 'medication' },
  '59037007': { type: 'intolerance', category: 'medication' },
  '419511003': { category: 'medication' },
  '414285001': { type: 'allergy', category: 'food' },
  '235719002': { type: 'intolerance', category: 'food' },
  '418471000': { category: 'food' },
  '426232007': { type: 'allergy', category: 'environment' },
  '419199007': { type: 'allergy' },
};

const severities: Readonly<Record<string, r4.AllergyIntoleranceReaction['severity']>> = {
  '255604002': 'mild',
  '6736007': 'moderate',
  '24484000': 'severe',
};

const criticalities: Readonly<Record<string, Allergy['criticality']>> = {
  CRITL: 'low',
  CRITH: 'high',
  CRITU: 'unable-to-assess',
};

const noKnownAllergy: r4.CodeableConcept = {
  coding: [{ system: 'http://snomed.info/sct', code: '716186003', display: 'No known allergy' }],
};

/** Allergy Concern Act: each observation in it is an AllergyIntolerance; that none is known is one too. */
export function takeAllergy(entry: XmlElement, reading: Reading): void {
  const act = statementOf(entry);
  if (!act) return;
  const observations = relatedOf(act).filter((one) => hasTemplate(one, allergyObservation));
  if (observations.length === 0) reading.records.leave('An allergy has no observation that says which.');
  for (const observation of observations) takeObservation(observation, act, reading);
}

function takeObservation(observation: XmlElement, act: XmlElement, reading: Reading): void {
  const { records, narrative, subject } = reading;
  const substance = childOf(observation, 'participant', 'participantRole', 'playingEntity', 'code');
  const named = isNull(substance) && !childOf(substance, 'originalText') ? undefined : conceptOf(substance, narrative);
  if (isNegated(observation) && named) {
    records.leave('An allergy is said not to be there; that stays in the original.');
    return;
  }
  const code = isNegated(observation) ? noKnownAllergy : named;
  if (!code) {
    records.leave('An allergy does not say against what.');
    return;
  }
  const time = childOf(observation, 'effectiveTime');
  const onset = dayOf(childOf(time, 'low')?.attributes.value) ?? dayOf(time?.attributes.value);
  const closed = childOf(act, 'statusCode')?.attributes.code === 'completed';
  const isOver = dayOf(childOf(time, 'high')?.attributes.value) !== undefined || closed;
  const kind = isNegated(observation) ? {} : (types[childOf(observation, 'value')?.attributes.code ?? ''] ?? {});
  const reaction = isNegated(observation) ? [] : reactionsOf(observation, reading);
  const criticality = relatedOf(observation)
    .filter((one) => hasTemplate(one, criticalityTemplate))
    .map((one) => criticalities[childOf(one, 'value')?.attributes.code ?? ''])
    .find((one) => one !== undefined);
  const made = records.add({
    resourceType: 'AllergyIntolerance',
    identifier: identifiersOf(observation),
    clinicalStatus: { coding: [{ system: clinicalSystem, code: isOver ? 'inactive' : 'active' }] },
    verificationStatus: { coding: [{ system: verificationSystem, code: 'unconfirmed' }] },
    ...(kind.type && { type: kind.type }),
    ...(kind.category && { category: [kind.category] }),
    ...(criticality && { criticality }),
    code,
    patient: subject,
    ...(onset !== undefined && { onsetDateTime: onset }),
    ...(reaction.length > 0 && { reaction }),
  });
  remember(observation, made, reading);
}

function reactionsOf(observation: XmlElement, { narrative, records }: Reading): r4.AllergyIntoleranceReaction[] {
  return relatedOf(observation)
    .filter((one) => hasTemplate(one, reactionTemplate))
    .flatMap((one): r4.AllergyIntoleranceReaction[] => {
      const manifestation = isNegated(one) ? undefined : conceptOf(childOf(one, 'value'), narrative);
      if (!manifestation) {
        records.leave('A reaction to an allergy could not be read.');
        return [];
      }
      const graded = relatedOf(one).find((inner) => hasTemplate(inner, severityTemplate));
      const severity = severities[childrenOf(graded, 'value')[0]?.attributes.code ?? ''];
      return [{ manifestation: [manifestation], ...(severity && { severity }) }];
    });
}
