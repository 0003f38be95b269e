import { isOfType } from '../../of-type.ts';
import type { Resource, r4 } from '../../types.ts';
import { conceptText, referenceOf } from '../index-of.ts';
import { type Condition, isActiveProblem } from '../problems.ts';
import { reconciledFrom } from '../reconciled.ts';
import type { PlanSection, SectionLine } from '../section-types.ts';
import { isUsable, valueText } from './about-me.ts';
import { all, byWords, type Chart, day, hasCode, lineFor, section, type Told } from './chart.ts';
import { keysOf, type Mergeable, merged } from './merge.ts';
import { isNeed } from './needs.ts';

/** The medical summary (decision D4); each part of what the records of all sources say, the same thing once. */
export function medicalSummary(chart: Chart): PlanSection | undefined {
  return section('medical-summary', 'Medical summary', alerts(chart), [
    section('problems', 'Problems', problems(chart)),
    section('baseline', 'What is normal for this child', baseline(chart)),
    section('allergies', 'Allergies and what to avoid', allergies(chart)),
    section('medications', 'Medicines', medications(chart)),
    section('devices', 'Devices', devices(chart)),
    section('procedures', 'Operations and procedures', procedures(chart)),
    section('immunizations', 'Immunizations', immunizations(chart)),
  ]);
}

const privacyFlags = 'http://careweave.org/fhir/CodeSystem/privacy-flag';

/** Warnings for everybody who treats the child; what only concerns privacy is not one of them. */
function alerts(chart: Chart): SectionLine[] {
  return all(chart, 'Flag')
    .filter(({ status, code }) => status === 'active' && !code?.coding?.some(({ system }) => system === privacyFlags))
    .flatMap((one) => lineFor(chart, one, { words: conceptText(one.code) }))
    .sort(byWords);
}

function problems(chart: Chart): SectionLine[] {
  const listed = new Set((chart.plan.addresses ?? []).map(({ reference }) => reference?.split('/_history/')[0]));
  const items = all(chart, 'Condition')
    .filter((one) => listed.has(`Condition/${one.id}`) && !isNeed(one) && !isWithdrawn(one))
    .flatMap((one): Mergeable[] => {
      const since = day(one.onsetDateTime ?? one.onsetPeriod?.start);
      const told: Told = {
        words: conceptText(one.code),
        facts: [since && `since ${since}`, conceptText(one.severity)],
        open: isActiveProblem(one),
      };
      return item(chart, one, told, keysOf(one.code), stateOf(one.clinicalStatus));
    });
  return merged(items);
}

function isWithdrawn({ verificationStatus }: Condition): boolean {
  return hasCode(verificationStatus, withdrawn);
}

const withdrawn: ReadonlySet<string> = new Set(['entered-in-error']);
const baselineCodes: ReadonlySet<string> = new Set(['baseline']);

/** Findings that are normal for this child, tagged as baseline so that they are never taken for today's (decision D6). */
function baseline(chart: Chart): SectionLine[] {
  return all(chart, 'Observation')
    .filter(
      (one) =>
        isUsable(one) &&
        (hasCode(one.category, baselineCodes) || one.meta?.tag?.some(({ code }) => code === 'baseline') === true),
    )
    .flatMap((one) => {
      const words = [conceptText(one.code), valueText(one)].filter(Boolean).join(': ');
      return lineFor(chart, one, { words });
    })
    .sort(byWords);
}

function allergies(chart: Chart): SectionLine[] {
  const items = all(chart, 'AllergyIntolerance')
    .filter(({ verificationStatus }) => !hasCode(verificationStatus, withdrawn))
    .flatMap((one): Mergeable[] => {
      const reactions = (one.reaction ?? []).flatMap(({ manifestation }) => (manifestation ?? []).map(conceptText));
      const isRefuted = hasCode(one.verificationStatus, new Set(['refuted']));
      const told: Told = {
        words: conceptText(one.code),
        facts: [one.criticality === 'high' && 'high risk', reactions.filter(Boolean).join(', ')],
        open: !isRefuted && !hasCode(one.clinicalStatus, new Set(['inactive', 'resolved'])),
      };
      const status = isRefuted ? 'refuted' : (stateOf(one.clinicalStatus) ?? 'active');
      return item(chart, one, told, keysOf(one.code), status);
    });
  return merged(items);
}

const takenNow: ReadonlySet<string> = new Set(['active', 'on-hold', 'intended']);

/** One line for one medicine taken in one way: two ways of taking it are two lines, because that is a conflict to be seen. */
function medications(chart: Chart): SectionLine[] {
  const orders = all(chart, 'MedicationRequest').filter(
    ({ status, doNotPerform }) => takenNow.has(status) && doNotPerform !== true,
  );
  const statements = all(chart, 'MedicationStatement').filter(({ status }) => takenNow.has(status));
  const items = [...orders, ...statements].flatMap((one): Mergeable[] => {
    const concept = medicationOf(one, chart);
    const dosage = (isOfType(one, 'MedicationRequest') ? one.dosageInstruction : one.dosage) ?? [];
    const how = dosage.map((each) => each.text ?? each.patientInstruction).filter(Boolean);
    const told: Told = { words: conceptText(concept), facts: [how.join('; '), one.status === 'on-hold' && 'on hold'] };
    return item(chart, one, told, keysOf(concept, how.join('; ').toLowerCase()));
  });
  return merged(items);
}

function medicationOf(
  one: { medicationCodeableConcept?: r4.CodeableConcept; medicationReference?: r4.Reference },
  { index }: Chart,
): r4.CodeableConcept | undefined {
  const medication = index.get(one.medicationReference?.reference);
  const named = isOfType(medication, 'Medication') ? medication.code : undefined;
  const display = one.medicationReference?.display;
  return one.medicationCodeableConcept ?? named ?? (display === undefined ? undefined : { text: display });
}

function devices(chart: Chart): SectionLine[] {
  const used = all(chart, 'DeviceUseStatement').filter(({ status }) => status === 'active' || status === 'on-hold');
  const uses = new Map(used.map((one) => [one.device?.reference?.split('/_history/')[0], one]));
  return all(chart, 'Device')
    .filter(({ status }) => status === undefined || status === 'active')
    .flatMap((one) => {
      const use = uses.get(`Device/${one.id}`);
      const owner = chart.index.nameOf(one.owner);
      const facts = [
        one.modelNumber && `model ${one.modelNumber}`,
        ...(one.property ?? []).map(propertyText),
        ...[...(one.note ?? []), ...(use?.note ?? [])].map(({ text }) => text),
        conceptText(use?.bodySite) && `at ${conceptText(use?.bodySite)}`,
        owner && `supplied by ${owner}`,
      ];
      return lineFor(chart, one, { words: one.deviceName?.[0]?.name ?? conceptText(one.type), facts });
    })
    .sort(byWords);
}

function propertyText({ type, valueQuantity, valueCode }: r4.DeviceProperty): string {
  const values = [...(valueQuantity ?? []).map((one) => `${JSON.stringify(one.value)} ${one.unit ?? ''}`.trim())];
  return `${conceptText(type) ?? ''}: ${[...values, ...(valueCode ?? []).map(conceptText)].join(', ')}`;
}

function procedures(chart: Chart): SectionLine[] {
  const items = all(chart, 'Procedure')
    .filter(({ status }) => status === 'completed' || status === 'in-progress')
    .flatMap((one): Mergeable[] => {
      const on = day(one.performedDateTime ?? one.performedPeriod?.start);
      return item(chart, one, { words: conceptText(one.code), facts: [on] }, keysOf(one.code, on));
    });
  return merged(items);
}

function immunizations(chart: Chart): SectionLine[] {
  const items = all(chart, 'Immunization')
    .filter(({ status }) => status === 'completed')
    .flatMap((one): Mergeable[] => {
      const on = day(one.occurrenceDateTime) ?? one.occurrenceString;
      return item(chart, one, { words: conceptText(one.vaccineCode), facts: [on] }, keysOf(one.vaccineCode, on));
    });
  return merged(items);
}

function item(chart: Chart, resource: Resource, told: Told, keys: readonly string[], status?: string): Mergeable[] {
  const standsFor = reconciledFrom(resource);
  const links = [referenceOf(resource), ...standsFor];
  return lineFor(chart, resource, told).map((line) => ({
    ...{ line, standsFor, keys: [...keys, ...links] },
    ...(status !== undefined && { status }),
  }));
}

function stateOf(concept: r4.CodeableConcept | undefined): string | undefined {
  return concept?.coding?.find(({ code }) => code !== undefined)?.code;
}
