import type { r4 } from '../../types.ts';
import { conceptText, humanName } from '../index-of.ts';
import type { PlanSection, SectionLine } from '../section-types.ts';
import { all, byWords, type Chart, hasCode, lineFor, section } from './chart.ts';

const interpreterUrl = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-interpreter-needed';
const privacyFlags = 'http://careweave.org/fhir/CodeSystem/privacy-flag';
const proxyBases = 'http://careweave.org/fhir/CodeSystem/proxy-basis';
const custody: ReadonlySet<string> = new Set(['court-restriction']);

/** Who the family is, in which languages it is spoken to, who decides, and what a court has said (decision D4). */
export function family(chart: Chart): PlanSection | undefined {
  const people = all(chart, 'RelatedPerson')
    .filter(({ active }) => active !== false)
    .flatMap((one) => lineFor(chart, one, { words: humanName(one.name), facts: personFacts(one) }));
  const decisions = all(chart, 'Consent')
    .filter(({ status, category }) => status === 'active' && isBasis(category))
    .flatMap((one) => {
      const basis = one.category?.find((concept) => isBasis([concept]));
      const who = chart.index.nameOf(one.provision?.actor?.[0]?.reference);
      const until = one.provision?.period?.end;
      const words = who && `Decides for the child: ${who}`;
      return lineFor(chart, one, { words, facts: [conceptText(basis), until && `until ${until.slice(0, 10)}`] });
    });
  const limits = all(chart, 'Flag')
    .filter(({ status, code }) => status === 'active' && hasCode(code, custody, privacyFlags))
    .flatMap((one) => lineFor(chart, one, { words: conceptText(one.code), facts: ['see the court paper'] }));
  return section('family', 'Family and household', [
    ...languages(chart),
    ...people.sort(byWords),
    ...decisions.sort(byWords),
    ...limits.sort(byWords),
  ]);
}

function personFacts(one: r4.RelatedPerson): (string | undefined)[] {
  const language = one.communication?.find(({ preferred }) => preferred) ?? one.communication?.[0];
  const phone = one.telecom?.find(({ system, use }) => system === 'phone' && use !== 'old')?.value;
  return [
    one.relationship?.map(conceptText).filter(Boolean).join(', '),
    language && `speaks ${conceptText(language.language)}`,
    phone && `telephone ${phone}`,
    one.extension?.some(needsInterpreter) ? 'needs an interpreter' : undefined,
  ];
}

/** The child's own line: what language to speak, and whether with an interpreter. */
function languages(chart: Chart): SectionLine[] {
  const { patient } = chart;
  if (!patient) return [];
  const spoken = (patient.communication ?? []).map(
    ({ language, preferred }) => `${conceptText(language) ?? ''}${preferred ? ' (preferred)' : ''}`,
  );
  const needs = patient.extension?.some(needsInterpreter) === true;
  if (spoken.length === 0 && !needs) return [];
  const words = `Languages: ${spoken.filter((one) => one !== '').join(', ') || 'not recorded'}`;
  return lineFor(chart, patient, { words, facts: [needs && 'needs an interpreter'] });
}

/** US Core 7: a Coding of SNOMED CT, 373066001 yes; elsewhere a boolean. */
function needsInterpreter({ url, valueCoding, valueBoolean }: r4.Extension): boolean {
  return url === interpreterUrl && (valueBoolean === true || valueCoding?.code === '373066001');
}

function isBasis(category: readonly r4.CodeableConcept[] | undefined): boolean {
  return category?.some(({ coding }) => coding?.some(({ system }) => system === proxyBases)) === true;
}
