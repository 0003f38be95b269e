import { isOfType, ofType } from '../../../fhir/of-type.ts';
import { conceptText, humanName, localReference } from '../../../fhir/plan-view/index-of.ts';
import { isLead } from '../../../fhir/plan-view/team.ts';
import type { r4 } from '../../../fhir/types.ts';
import { isPrimaryCare, primaryCareRole } from '../../team/participants.ts';
import { contactsOf } from '../first-call/contacts.ts';
import { hoursText } from '../first-call/hours.ts';
import { codesOf, scenarioSystem } from '../terms.ts';
import type { Words } from '../words.ts';
import { keyOf, phonesOf, said } from './say.ts';
import type { Line, Source } from './types.ts';

/** Whom to call, with their hours: from the access plan, then from the emergency plan itself. */
export function callLines(source: Source, zone: string): Line[] {
  const { words, index } = source;
  const contacts = [...contactsOf(source.access, index, zone), ...contactsOf(source.plan, index, zone)];
  return contacts.map(({ name, phone, kind, symptoms, note, hours, reference }): Line => {
    const open = hoursText(hours, words.days, words.always);
    return {
      label: words.kinds[kind] ?? kind,
      text: name,
      facts: said(phone, open, ...symptoms.map((symptom) => symptomText(symptom, words)), note),
      references: reference === undefined ? [] : [reference],
    };
  });
}

function symptomText(symptom: r4.CodeableConcept, words: Words): string | undefined {
  const [code = ''] = codesOf(symptom, scenarioSystem);
  return symptom.text ?? words.scenarios[code] ?? conceptText(symptom);
}

/** The family with their numbers, whether they agreed to treatment, then the team: lead coordinator and primary care first. */
export function peopleLines(source: Source): Line[] {
  return [...family(source), ...consents(source), ...team(source)];
}

function family({ resources }: Source): Line[] {
  const people = ofType(resources, 'RelatedPerson').filter(
    ({ active, period }) => active !== false && period?.end === undefined,
  );
  const byName = new Map<string, Line>();
  for (const one of people) {
    const relation = said(...(one.relationship ?? []).map(conceptText)).join(', ');
    const text = humanName(one.name) ?? relation;
    const phone = phonesOf(one.telecom);
    const key = `${text} ${phone ?? ''}`.toLowerCase();
    const same = byName.get(key);
    const facts = said(text !== relation && relation, phone);
    byName.set(key, { text, facts: same?.facts ?? facts, references: [...(same?.references ?? []), keyOf(one)] });
  }
  return [...byName.values()];
}

function consents({ resources, words }: Source): Line[] {
  const given = ofType(resources, 'Consent').filter(
    ({ status, scope, provision }) =>
      status === 'active' &&
      provision?.type !== 'deny' &&
      scope.coding?.some(({ code }) => code === 'treatment') === true,
  );
  return given.length === 0 ? [] : [{ text: words.labels.consentToTreat, facts: [], references: given.map(keyOf) }];
}

function team({ resources, index, words }: Source): Line[] {
  const patient = ofType(resources, 'Patient')[0];
  const primary = new Set((patient?.generalPractitioner ?? []).map(localReference));
  const members = ofType(resources, 'CareTeam')
    .filter(({ status }) => status === undefined || status === 'active')
    .flatMap(({ participant = [] }) => participant)
    .filter(
      ({ member, period }) => period?.end === undefined && !/^(RelatedPerson|Patient)\//.test(member?.reference ?? ''),
    );
  const named = [
    ...members,
    ...[...primary].flatMap((reference): r4.CareTeamParticipant[] =>
      reference === undefined ? [] : [{ member: { reference } }],
    ),
  ];
  const known = new Map<string, Member>();
  for (const participant of named) {
    const reference = localReference(participant.member);
    const name = index.nameOf(participant.member);
    if (name === undefined) continue;
    const isPrimary = primary.has(reference) || isPrimaryCare(participant);
    const lead = isLead(participant);
    const member = known.get(name) ?? { roles: [], phones: [], references: [], rank: 2 };
    known.set(name, member);
    const labelled = said(lead && leadRole, isPrimary && primaryCareRole.text, ...taskRoles);
    const own = said(...(participant.role ?? []).map(conceptText)).filter((role) => !labelled.includes(role));
    member.roles.push(...said(lead && words.labels.lead, isPrimary && words.labels.primaryCare), ...own);
    member.phones.push(...said(phoneOf(participant, index)));
    member.references.push(...said(reference));
    member.rank = Math.min(member.rank, lead ? 0 : isPrimary ? 1 : 2);
  }
  return [...known]
    .sort(([, one], [, other]) => one.rank - other.rank)
    .map(([text, { roles, phones, references }]) => ({
      text,
      facts: [...once(roles), ...once(phones)],
      references: [...new Set(references)],
    }));
}

/** Roles in words of ours, of one language: this one has a label, and that somebody works on a Task helps nobody in an emergency. */
const leadRole = 'Lead care coordinator';
const taskRoles = ['Works on a referral', 'Works on a Task'];

interface Member {
  roles: string[];
  phones: string[];
  references: string[];
  rank: number;
}

/** Each once, whatever letters it is written in. */
function once(texts: readonly string[]): string[] {
  return texts.filter((text, at) => texts.findIndex((other) => other.toLowerCase() === text.toLowerCase()) === at);
}

function phoneOf({ member, onBehalfOf }: r4.CareTeamParticipant, index: Source['index']): string | undefined {
  const of = (reference: r4.Reference | undefined) => {
    const target = index.get(localReference(reference));
    return phonesOf(target?.telecom as r4.ContactPoint[] | undefined);
  };
  const own = of(member);
  if (own !== undefined) return own;
  const role = index.get(localReference(member));
  const through = isOfType(role, 'PractitionerRole') ? (of(role.practitioner) ?? of(role.organization)) : undefined;
  return through ?? of(onBehalfOf);
}
