import { fail, ok, type Result } from '../../base/errors.ts';
import type { ReadyMeasure } from '../types.ts';
import { type SeenPopulation, seenPopulation } from './population-seen.ts';
import { reachPopulation } from './reach.ts';
import type { Asked } from './room.ts';
import { groupAsked, groupMembers, panelOf, subjectAsked } from './subjects.ts';

/** Whom a request names, as the newer operations do: one child, or the children of a Group, a practitioner or an organization. */
export type Who = { kind: 'child'; patientId: string } | { kind: 'population'; population: SeenPopulation };

export interface WhoOptions {
  /** Nobody is named: everybody is meant. Otherwise somebody has to be. */
  mayBeAll: boolean;
  /** Names of parameters that name a practitioner or an organization. */
  panels: readonly string[];
  /** The last day of the measurement period: who belonged to a Group then is meant. */
  on?: string;
}

/** `subject` (Patient or Group) or `subjectGroup` or one of the panels; each excludes the others. */
export async function whoIsAsked(
  asked: Asked,
  measures: readonly ReadyMeasure[],
  { mayBeAll, panels, on }: WhoOptions,
): Promise<Result<Who>> {
  const { parameters } = asked.request;
  const names = ['subject', 'subjectGroup', ...panels];
  const given = names.filter((name) => parameters.text(name) !== undefined || parameters.resource(name));
  // An organization may narrow what a practitioner's panel is; the panel is told by the practitioner alone.
  const isPanelOfTwo = given.every((name) => panels.includes(name));
  if (given.length > 1 && !isPanelOfTwo) {
    return fail('invalid', `Parameters ${given.join(' and ')} exclude each other.`, { code: 'value' });
  }
  if (given.length === 0 && !mayBeAll) {
    return fail('invalid', `One of the parameters ${names.join(', ')} is required.`, { code: 'required' });
  }
  const subject = subjectAsked(parameters);
  if (!subject.ok) return subject;
  if (subject.value?.type === 'Patient') return ok({ kind: 'child', patientId: subject.value.id });
  const reach = reachPopulation(
    asked.request,
    measures.flatMap(({ retrieves }) => retrieves),
  );
  if (!reach.ok) return reach;
  const { visibility } = reach.value;
  const members = subject.value
    ? await groupMembers(asked.request, subject.value.id, visibility, on)
    : await groupAsked(asked.request, visibility, on);
  if (!members.ok) return members;
  let subjects = members.value;
  for (const name of panels) {
    const text = parameters.text(name);
    if (text === undefined) continue;
    const panel = await panelOf(asked.request, name, text, visibility);
    if (!panel.ok) return panel;
    const both = new Set(panel.value);
    subjects = subjects === undefined ? panel.value : subjects.filter((id) => both.has(id));
  }
  return ok({ kind: 'population', population: await seenPopulation(asked, measures, reach.value, subjects) });
}
