import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { checkWritten, concludeWritten } from '../written-here.ts';
import { isContact, minutesOf, staffOf, timeOf } from './contact-of.ts';
import { contactOutcomeUrl, modeOfCommunication, modeOfEncounter } from './modes.ts';

const rule = 'contact-complete';

/** A contact says with which child, when, how, by whom and, when nobody was reached, why (rows S1.12, S4.9). What is only planned may still lack a time. */
export const checkContactVisit = checkWritten(rule, 'Encounter', (after) => {
  if (!isOfType(after, 'Encounter') || !isContact(after) || after.status === 'entered-in-error') return ok(undefined);
  if (modeOfEncounter(after) === undefined) {
    const text = 'A contact is from afar (VR), at home (HH), in the office (AMB) or elsewhere (FLD), by v3-ActCode.';
    return refuse(rule, text, 'Encounter.class');
  }
  if (after.class.code === 'FLD' && after.location === undefined) {
    return refuse(
      rule,
      'A contact elsewhere (FLD) says where: its location, by reference or in words.',
      'Encounter.location',
    );
  }
  const basics = checkBasics(after, after.status === 'planned', 'Encounter.period.start', 'Encounter.participant');
  if (!basics.ok) return basics;
  const outcome = after.extension?.find(({ url }) => url === contactOutcomeUrl)?.valueCodeableConcept;
  if (after.status === 'cancelled' && !isCoded(outcome))
    return noReason('the extension contact-outcome', 'Encounter.extension');
  return checkMinutes(after);
});

export const checkContactMessage = checkWritten(rule, 'Communication', (after) => {
  if (!isOfType(after, 'Communication') || !isContact(after) || after.status === 'entered-in-error')
    return ok(undefined);
  if (modeOfCommunication(after) === undefined) {
    return refuse(
      rule,
      'A contact says by which medium, by v3-ParticipationMode (PHONE, EMAILWRIT, SMSWRIT …).',
      'Communication.medium',
    );
  }
  const isOpen = after.status === 'preparation' || after.status === 'in-progress';
  const basics = checkBasics(after, isOpen, 'Communication.sent', 'Communication.sender');
  if (!basics.ok) return basics;
  const isReached = after.status !== 'not-done' && after.status !== 'stopped';
  return isReached || isCoded(after.statusReason)
    ? ok(undefined)
    : noReason('statusReason', 'Communication.statusReason');
});

function checkBasics(
  contact: Resource & (r4.Encounter | r4.Communication),
  isPlanned: boolean,
  time: string,
  who: string,
): Result<void> {
  if (childOf(contact) === undefined)
    return refuse(
      rule,
      'A contact is about a child: its subject is a Patient here.',
      `${contact.resourceType}.subject`,
    );
  if (!isPlanned && timeOf(contact) === undefined) return refuse(rule, 'A contact says when it was.', time);
  if (staffOf(contact).length === 0)
    return refuse(rule, 'A contact says who of the team had it: a Practitioner or PractitionerRole.', who);
  return ok(undefined);
}

function isCoded(concept: r4.CodeableConcept | undefined): boolean {
  return concept?.coding?.some(({ system, code }) => system !== undefined && code !== undefined) === true;
}

function noReason(place: string, expression: string) {
  return refuse(
    rule,
    `When nobody was reached, it says why, by a code of CodeSystem/contact-outcome, in ${place}.`,
    expression,
  );
}

/** Every minute is somebody's work for one child in one episode, doing something that has a name. */
function checkMinutes(visit: r4.Encounter): Result<void> {
  if (visit.length === undefined) return ok(undefined);
  if (minutesOf(visit) === undefined)
    return refuse(rule, 'Its length is a number of minutes (min) above zero.', 'Encounter.length');
  if ((visit.episodeOfCare?.length ?? 0) !== 1) {
    return refuse(
      rule,
      'Minutes that are logged name the one episode of care they belong to.',
      'Encounter.episodeOfCare',
    );
  }
  return ok(undefined);
}

/** The episode is this child's. One of another child and one that is not here are refused alike (PP-51). */
export const concludeContactEpisode = concludeWritten(rule, 'Encounter', async (after, before, tx) => {
  if (!isOfType(after, 'Encounter') || !isContact(after)) return ok(undefined);
  const known = isOfType(before, 'Encounter') && childOf(before) === childOf(after) ? idsOf(before) : [];
  for (const id of idsOf(after).filter((one) => !known.includes(one))) {
    const episode = id === undefined ? undefined : currentOf(await tx.read('EpisodeOfCare', id));
    if (episode === undefined || childOf(episode) !== childOf(after)) {
      return refuse(rule, 'The episode of care is one of this child that is kept here.', 'Encounter.episodeOfCare');
    }
  }
  return ok(undefined);
});

function idsOf({ episodeOfCare = [] }: r4.Encounter): (string | undefined)[] {
  return episodeOfCare.map((reference) => localId(reference, 'EpisodeOfCare'));
}
