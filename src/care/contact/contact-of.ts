import { dateRange } from '../../fhir/date-range.ts';
import { plain } from '../../fhir/json.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { activityOf, type Mode, modeOfCommunication, modeOfEncounter } from './modes.ts';

/** One time that somebody of the team was in touch with a child's family or partners, or tried to be. */
export interface Contact {
  reference: string;
  mode: Mode;
  /** `held`; `tried` when nobody was reached. */
  was: 'held' | 'tried';
  /** Instant it began, UTC. */
  at: string;
  activity: string;
  minutes?: number;
  place?: r4.Reference;
  /** Who of the team, `Practitioner/…`. */
  staff: readonly string[];
  episode?: string;
}

/** An Encounter or Communication of the contact log: it names an activity of care coordination. Anything else is none of ours. */
export function isContact(resource: Resource | undefined): resource is Resource & (r4.Encounter | r4.Communication) {
  if (isOfType(resource, 'Encounter')) return activityOf(resource.type) !== undefined;
  return isOfType(resource, 'Communication') && activityOf(resource.category) !== undefined;
}

/** Undefined for what is no contact, is planned, was in error, or lacks what a contact has. */
export function contactOf(resource: Resource): Contact | undefined {
  if (!isContact(resource)) return undefined;
  const isVisit = isOfType(resource, 'Encounter');
  const mode = isVisit ? modeOfEncounter(resource) : modeOfCommunication(resource as r4.Communication);
  const activity = isVisit ? activityOf(resource.type) : activityOf((resource as r4.Communication).category);
  const was = stateOf(resource);
  const at = dateRange(timeOf(resource) ?? '')?.start;
  if (mode === undefined || activity === undefined || was === undefined || at === undefined) return undefined;
  const contact: Contact = {
    ...{ reference: `${resource.resourceType}/${resource.id ?? ''}`, mode, activity, was, at },
    staff: staffOf(resource),
  };
  if (!isVisit) return contact;
  const minutes = minutesOf(resource);
  if (minutes !== undefined) contact.minutes = minutes;
  const place = resource.location?.[0]?.location;
  if (place) contact.place = place;
  const episode = resource.episodeOfCare?.[0]?.reference;
  if (episode !== undefined) contact.episode = episode;
  return contact;
}

function stateOf({ status }: r4.Encounter | r4.Communication): Contact['was'] | undefined {
  if (status === 'finished' || status === 'completed') return 'held';
  return status === 'cancelled' || status === 'not-done' ? 'tried' : undefined;
}

export function timeOf(resource: r4.Encounter | r4.Communication): string | undefined {
  return resource.resourceType === 'Encounter' ? resource.period?.start : (resource.sent ?? resource.received);
}

export function staffOf(resource: r4.Encounter | r4.Communication): string[] {
  const named =
    resource.resourceType === 'Encounter'
      ? (resource.participant ?? []).map(({ individual }) => individual)
      : [resource.sender, ...(resource.recipient ?? [])];
  const references = named.map((one) => one?.reference?.split('/_history/')[0]);
  return [...new Set(references.filter((one) => one !== undefined && /^Practitioner(Role)?\//.test(one)))] as string[];
}

/** Undefined without a length in minutes or hours. */
export function minutesOf({ length }: r4.Encounter): number | undefined {
  const { value, code, unit } = length ? plain(length) : {};
  if (value === undefined || value <= 0) return undefined;
  const inUnit = { min: 1, h: 60 }[code ?? unit ?? ''];
  return inUnit === undefined ? undefined : value * inUnit;
}
