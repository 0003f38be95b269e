import { mirrorSite, siteSystem } from '../../fhir/mirror.ts';
import type { r4 } from '../../fhir/types.ts';
import { localId } from '../local-id.ts';
import type { Known } from './known.ts';

const contributorTypes = /^(Patient|Practitioner|PractitionerRole|Device|RelatedPerson|Organization|CareTeam)\//;

/** Everyone a shared plan draws on: source organizations, clinicians who made hospital plans, family who stated goals (D5). */
export function sourcesOf(known: Known): r4.Reference[] {
  const found = [
    known.patient.managingOrganization,
    ...known.hospitalPlans.flatMap(({ author, contributor }) => [author, ...(contributor ?? [])]),
    ...known.encounters.map(({ serviceProvider }) => serviceProvider),
    ...known.hospitalTeams.flatMap(({ managingOrganization }) => managingOrganization ?? []),
    ...clinicians(known, () => true),
    ...known.goals.map(({ expressedBy }) => expressedBy),
  ];
  const named = found.filter((reference) => reference !== undefined).filter(isContributor);
  return [...named.map(bare), ...sitesOf(known)];
}

/** The hospitals themselves, also those that sent no Organization. */
function sitesOf({ conditions, goals, requests, tasks, hospitalPlans, hospitalTeams }: Known): r4.Reference[] {
  const mirrors = [...conditions, ...goals, ...requests, ...tasks, ...hospitalPlans, ...hospitalTeams];
  const sites = new Set(mirrors.map(mirrorSite).filter((site) => site !== undefined));
  return [...sites].map((value) => ({ type: 'Organization', identifier: { system: siteSystem, value } }));
}

/** The clinicians of the encounters in which hospital plans of this kind were made. */
export function clinicians(known: Known, wanted: (plan: r4.CarePlan) => boolean): r4.Reference[] {
  const made = new Set(known.hospitalPlans.filter(wanted).map(({ encounter }) => localId(encounter, 'Encounter')));
  const people = known.encounters
    .filter(({ id }) => made.has(id))
    .flatMap(({ participant }) => participant ?? [])
    .map(({ individual }) => individual);
  return people.filter((reference) => reference !== undefined);
}

/** A business reference of another kind of thing cannot be told apart from a person's, so only literal ones and named types count. */
function isContributor({ reference, type }: r4.Reference): boolean {
  return contributorTypes.test(reference ?? '') || (reference === undefined && contributorTypes.test(`${type ?? ''}/`));
}

/** Without the display: names change, and each change would be a new version of the plan. */
function bare({ reference, ...rest }: r4.Reference): r4.Reference {
  return reference === undefined ? rest : { reference };
}
