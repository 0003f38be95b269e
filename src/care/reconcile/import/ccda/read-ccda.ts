import { fail, ok, type Result } from '../../../../base/errors.ts';
import type { Resource, r4 } from '../../../../fhir/types.ts';
import { type LegacyPlan, type Person, Records } from '../legacy-plan.ts';
import { saysNoMore } from './read-whole.ts';
import { type Reading, sectionReaders } from './sections.ts';
import { memberOf, takeTeam } from './team.ts';
import { conceptOf, dateOf, dayOf, identifiersOf, isNull, nameOf, periodOf, tidy } from './values.ts';
import { allOf, childOf, childrenOf, hasTemplate, readXml, textOf, type XmlElement } from './xml.ts';

/** C-CDA R2.1: Care Plan, and the documents that hold a plan of treatment as a section. */
const planCodes: ReadonlySet<string> = new Set(['52521-2', '18776-5', '34133-9']);
const carePlanTemplate = '2.16.840.1.113883.10.20.22.1.15';

/**
 * A C-CDA Care Plan as a plan of the child: health concerns, goals, interventions, outcomes; problems, medicines, allergies, immunizations, vital signs,
 * results, the team. What it has
 * besides is named in `leftOut`. Error `invalid`: it is no such document.
 */
export function readCcda(text: string, subject: r4.Reference): Result<LegacyPlan> {
  const root = readXml(text);
  if (!root.ok) return root;
  const document = root.value;
  if (document.name !== 'ClinicalDocument' || document.namespace !== 'urn:hl7-org:v3') {
    return fail('invalid', 'The document is no ClinicalDocument of HL7 CDA.', { code: 'value' });
  }
  const code = childOf(document, 'code')?.attributes.code ?? '';
  if (!hasTemplate(document, carePlanTemplate) && !planCodes.has(code)) {
    return fail('invalid', 'The document is no C-CDA Care Plan, and none with a plan of treatment.', { code: 'value' });
  }
  const records = new Records();
  const reading: Reading = {
    subject,
    records,
    narrative: narrativeOf(document),
    byKey: new Map(),
    concerns: [],
    problems: [],
    goals: [],
    activities: [],
    members: [],
    isPatient: (author) => isSubject(author, document),
  };
  readSections(document, reading);
  takeTeam(reading, performersOf(document, reading));
  const plan = planOf(document, reading);
  const confidentiality = childOf(document, 'confidentialityCode')?.attributes.code;
  return ok({
    plan,
    records: records.records,
    person: personOf(document),
    leftOut: records.sentences(),
    isWhole: records.leftOut.size === 0 && saysNoMore(sectionsOf(document), [plan, ...records.records]),
    original: { contentType: 'text/xml', text, title: plan.title ?? 'Plan from elsewhere' },
    confidentiality: confidentiality === 'R' || confidentiality === 'V' ? [confidentiality] : [],
  });
}

function readSections(document: XmlElement, reading: Reading): void {
  const body = childOf(document, 'component', 'structuredBody');
  if (!body) reading.records.leave('The body of the document is not structured: nothing of it could be read.');
  const sections = sectionsOf(document);
  // Goals refer to concerns and interventions to goals, wherever they stand.
  for (const { code, read } of sectionReaders) {
    for (const section of sections.filter((one) => codeOf(one) === code)) {
      const entries = childrenOf(section, 'entry');
      for (const entry of entries) read(entry, reading);
      const words = childOf(section, 'text');
      if (entries.length === 0 && words && tidy(textOf(words)) && isNull(section))
        reading.records.leave(`The section ${code} says in words that it has nothing.`);
      else if (entries.length === 0 && words && tidy(textOf(words)))
        reading.records.leave(`The section ${code} has only words, which stay in the original.`);
    }
  }
  const known = new Set(sectionReaders.map(({ code }) => code));
  for (const section of sections) {
    const code = codeOf(section);
    if (known.has(code)) continue;
    const named = /^[\w-]{1,20}$/.test(code) ? `The section ${code}` : 'A section without a code';
    reading.records.leave(`${named} is not read; it stays in the original.`);
  }
}

function sectionsOf(document: XmlElement): XmlElement[] {
  const body = childOf(document, 'component', 'structuredBody');
  return childrenOf(body, 'component').flatMap((component) => childrenOf(component, 'section'));
}

const codeOf = (section: XmlElement) => childOf(section, 'code')?.attributes.code ?? '';

function narrativeOf(document: XmlElement): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const element of allOf(document)) {
    const id = element.attributes.ID;
    if (id !== undefined && !found.has(id)) found.set(id, textOf(element));
  }
  return found;
}

function personOf(document: XmlElement): Person {
  const patient = childOf(document, 'recordTarget', 'patientRole', 'patient');
  const birthDate = dayOf(childOf(patient, 'birthTime')?.attributes.value);
  const names = childrenOf(patient, 'name').flatMap((name) => nameOf(name) ?? []);
  return { ...(birthDate !== undefined && { birthDate }), names };
}

/** The child as its own author: by the same id, or said so. */
function isSubject(author: XmlElement, document: XmlElement): boolean {
  const assigned = childOf(author, 'assignedAuthor');
  if (childOf(assigned, 'code')?.attributes.code === 'ONESELF') return true;
  const role = childOf(document, 'recordTarget', 'patientRole');
  const key = ({ attributes }: XmlElement) => `${attributes.root}|${attributes.extension ?? ''}`;
  const own = new Set(
    childrenOf(role, 'id')
      .filter((id) => !isNull(id))
      .map(key),
  );
  return childrenOf(assigned, 'id').some((id) => !isNull(id) && own.has(key(id)));
}

function performersOf(document: XmlElement, reading: Reading): r4.CareTeamParticipant[] {
  const performers = childrenOf(document, 'documentationOf').flatMap((one) =>
    childrenOf(childOf(one, 'serviceEvent'), 'performer'),
  );
  return performers.flatMap((performer) => memberOf(performer, reading) ?? []);
}

function planOf(document: XmlElement, reading: Reading): Resource & r4.CarePlan {
  const title = tidy(textOf(childOf(document, 'title') ?? document.children[0] ?? document));
  const created = dateOf(childOf(document, 'effectiveTime')?.attributes.value);
  const period = periodOf(childOf(document, 'documentationOf', 'serviceEvent', 'effectiveTime'));
  const author = authorOf(document, reading);
  const category = conceptOf(childOf(document, 'code'), reading.narrative);
  const language = childOf(document, 'languageCode')?.attributes.code;
  const addressed = reading.concerns.length > 0 ? reading.concerns : reading.problems;
  const refer = (references: readonly string[]) => references.map((reference) => ({ reference }));
  return {
    resourceType: 'CarePlan',
    ...(language !== undefined && /^[a-z]{2,3}(-[A-Z]{2})?$/.test(language) && { language }),
    identifier: identifiersOf(document),
    // A document does not say whether its plan is still followed.
    status: period?.end !== undefined ? 'unknown' : 'active',
    intent: 'plan',
    subject: reading.subject,
    ...(childOf(document, 'title') && title !== undefined && { title }),
    ...(category && { category: [category] }),
    ...(created !== undefined && { created }),
    ...(period && { period }),
    ...(author && { author }),
    ...(addressed.length > 0 && { addresses: refer(addressed) }),
    ...(reading.goals.length > 0 && { goal: refer(reading.goals) }),
    ...(reading.activities.length > 0 && { activity: reading.activities }),
  };
}

function authorOf(document: XmlElement, { isPatient, subject }: Reading): r4.Reference | undefined {
  const authors = childrenOf(document, 'author');
  const [author] = authors;
  if (!author) return undefined;
  if (isPatient(author)) return subject;
  const assigned = childOf(author, 'assignedAuthor');
  const display =
    nameOf(childOf(assigned, 'assignedPerson', 'name')) ?? nameOf(childOf(assigned, 'representedOrganization', 'name'));
  return display === undefined ? undefined : { display };
}
