import { ok } from '../../../base/errors.ts';
import { refuse } from '../../business-rule.ts';
import { localId } from '../../local-id.ts';
import { currentOf } from '../../stored.ts';
import { concludeWritten } from '../../written-here.ts';
import { effortOf, functions } from './effort-of.ts';

const rule = 'effort-complete';

/**
 * Minutes of care coordination are somebody's work for one child in one episode, doing something that has a name, on a day (S1.12); and whose clock they are
 * on is said: clinical staff, or a physician or other qualified professional (S1.13).
 */
export const concludeCharge = concludeWritten(rule, 'ChargeItem', async (after, before, tx) => {
  const effort = effortOf(after);
  if (effort === undefined) return ok(undefined);
  const needed: [boolean, string, string][] = [
    [effort.patientId !== undefined, 'the child (subject)', 'subject'],
    [effort.minutes !== undefined, 'a number of minutes above zero (quantity, in min)', 'quantity'],
    [/^Practitioner(Role)?\//.test(effort.who ?? ''), 'one person of the team (performer.actor)', 'performer'],
    [effort.at !== undefined, 'when it was (occurrence)', 'occurrence'],
    [/^EpisodeOfCare\//.test(effort.episode ?? ''), 'the episode of care (context)', 'context'],
  ];
  const missing = needed.filter(([there]) => !there);
  if (missing.length > 0) {
    const names = missing.map(([, name]) => name).join(', ');
    return refuse(rule, `Minutes that are logged lack ${names}.`, `ChargeItem.${missing[0]?.[2]}`);
  }
  // Of a contact whose people's roles say nothing it stays open, and is reported as that.
  const isOfContact =
    'supportingInformation' in after && JSON.stringify(after.supportingInformation).includes('Encounter/');
  if (effort.function === undefined && !isOfContact) {
    const text = `Minutes say in performer.function whose they are: one of ${functions.join(', ')} (CodeSystem/effort-function).`;
    return refuse(rule, text, 'ChargeItem.performer.function');
  }
  if (effortOf(before)?.episode === effort.episode && effortOf(before)?.patientId === effort.patientId)
    return ok(undefined);
  const id = localId({ reference: effort.episode }, 'EpisodeOfCare');
  const episode = id === undefined ? undefined : currentOf(await tx.read('EpisodeOfCare', id));
  if (episode !== undefined && localId(episode.patient, 'Patient') === effort.patientId) return ok(undefined);
  return refuse(rule, 'The episode of care is one of this child that is kept here.', 'ChargeItem.context');
});
