import { ofType } from '../../../fhir/of-type.ts';
import { compareText, conceptText } from '../../../fhir/plan-view/index-of.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import { codesOf, useSystem } from '../terms.ts';
import { isTaken } from '../triggers.ts';
import { dayOf, keyOf, notesOf, quantityText, said } from './say.ts';
import type { Line, Source } from './types.ts';

type Drug = (r4.MedicationRequest | r4.MedicationStatement) & Resource;
const inHaste: readonly string[] = ['rescue', 'stress-dose'];

/** What is given in an emergency. */
export function rescueLines(source: Source): Line[] {
  return unique(
    drugsOf(source).flatMap((drug) => {
      const use = inHaste.find((one) => usesOf(drug).includes(one));
      const label = use === 'rescue' || use === 'stress-dose' ? source.words.labels[use] : undefined;
      return label === undefined ? [] : [{ label, ...drugLine(drug, source) }];
    }),
  );
}

/** What the child takes besides. */
export function medicationLines(source: Source): Line[] {
  const daily = drugsOf(source).filter(
    (drug) => !usesOf(drug).some((use) => inHaste.includes(use) || use === 'prophylaxis'),
  );
  return unique(daily.map((drug) => drugLine(drug, source))).sort((one, other) =>
    compareText(one.text.toLowerCase(), other.text.toLowerCase()),
  );
}

/** What was given against infections: each vaccine with its last day and how often, then what is taken against them. */
export function immunizationLines(source: Source): Line[] {
  const { resources, words } = source;
  const byVaccine = new Map<string, r4.Immunization[]>();
  for (const one of ofType(resources, 'Immunization')) {
    const name = conceptText(one.vaccineCode);
    if (one.status === 'completed' && name !== undefined) byVaccine.set(name, [...(byVaccine.get(name) ?? []), one]);
  }
  const vaccines = [...byVaccine].map(([name, given]): Line => {
    const days = [...new Set(given.flatMap(({ occurrenceDateTime }) => dayOf(occurrenceDateTime) ?? []))].sort();
    const times = days.length > 1 ? `×${days.length}` : undefined;
    return {
      text: name,
      facts: said(times, days.at(-1)),
      references: given.map((one) => `Immunization/${one.id ?? ''}`),
    };
  });
  const prophylaxis = drugsOf(source).filter((drug) => usesOf(drug).includes('prophylaxis'));
  return [
    ...unique(prophylaxis.map((drug) => ({ label: words.labels.prophylaxis, ...drugLine(drug, source) }))),
    ...vaccines.sort((one, other) => compareText(one.text, other.text)),
  ];
}

function drugsOf({ resources }: Source): Drug[] {
  return [...ofType(resources, 'MedicationRequest'), ...ofType(resources, 'MedicationStatement')].filter(isTaken);
}

function usesOf({ category }: Drug): string[] {
  return codesOf(category, useSystem);
}

function drugLine(drug: Drug, { index }: Source): Line {
  const medication = index.get(drug.medicationReference?.reference);
  const name =
    conceptText(drug.medicationCodeableConcept) ??
    conceptText(medication?.code as r4.CodeableConcept | undefined) ??
    contained(drug) ??
    drug.medicationReference?.display ??
    '?';
  const doses = (drug.resourceType === 'MedicationRequest' ? drug.dosageInstruction : drug.dosage) ?? [];
  return {
    text: name,
    facts: said(
      ...doses.map(doseText),
      ...doses.map(({ patientInstruction }) => patientInstruction),
      ...notesOf(drug.note),
    ),
    references: [keyOf(drug)],
  };
}

function contained({ contained: inner = [] }: Drug): string | undefined {
  return ofType(inner as Resource[], 'Medication').map(({ code }) => conceptText(code))[0];
}

function doseText({ text, doseAndRate, route, timing, asNeededCodeableConcept }: r4.Dosage): string | undefined {
  if (text !== undefined) return text;
  const amount = doseAndRate
    ?.map(({ doseQuantity }) => quantityText(doseQuantity))
    .filter(Boolean)
    .join(' / ');
  const when = conceptText(timing?.code);
  return said(amount, conceptText(route), when, conceptText(asNeededCodeableConcept)).join(', ') || undefined;
}

/** Two hospitals that say the same are told once, with both records; where they differ, both are told. */
function unique(lines: readonly Line[]): Line[] {
  const known = new Map<string, Line>();
  for (const line of lines) {
    const key = JSON.stringify([line.label, line.text.toLowerCase(), line.facts]);
    const same = known.get(key);
    known.set(key, same ? { ...same, references: [...same.references, ...line.references] } : line);
  }
  return [...known.values()];
}
