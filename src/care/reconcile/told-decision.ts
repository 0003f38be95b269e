import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { type Choice, choices, type FindingKind, findingKinds } from './finding.ts';
import { choiceSystem, kindSystem } from './vocabulary.ts';

/** What a Provenance tells of a decision about records that were held against each other. */
export interface ToldDecision {
  choice: Choice | undefined;
  kind: FindingKind | undefined;
  hasReason: boolean;
  /** The records it rests on; `version` is missing where it names none. */
  sources: { type: string; id: string; version?: number }[];
  /** Those that leave the shared plan. */
  leaving: { type: string; id: string }[];
  /** What was written for it. */
  targets: { type: string; id: string }[];
  /** Sources that are no records of ours. */
  strange: number;
}

/** Undefined for a Provenance of anything else. */
export function toldDecision(resource: Resource | undefined): ToldDecision | undefined {
  if (!isOfType(resource, 'Provenance')) return undefined;
  const coded = (wanted: string) => resource.activity?.coding?.find(({ system }) => system === wanted)?.code;
  const choice = coded(choiceSystem);
  if (choice === undefined) return undefined;
  const entities = (resource.entity ?? []).filter(({ role }) => role === 'source' || role === 'removal');
  const removed = entities.filter(({ role }) => role === 'removal').map(({ what }) => versioned(what));
  const sources = entities.map(({ what }) => versioned(what)).filter((one) => one !== undefined);
  return {
    choice: choices.find((one) => one === choice),
    kind: findingKinds.find((one) => one === coded(kindSystem)),
    hasReason: (resource.reason ?? []).some(
      ({ text, coding }) => (text ?? '').trim() !== '' || (coding?.length ?? 0) > 0,
    ),
    sources,
    leaving: removed.filter((one) => one !== undefined),
    targets: resource.target.map(versioned).filter((one) => one !== undefined),
    strange: entities.length - sources.length,
  };
}

function versioned({ reference }: r4.Reference) {
  const parts = /^([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9.-]{1,64})(?:\/_history\/(\d{1,9}))?$/.exec(reference ?? '');
  const [, type, id, version] = parts ?? [];
  if (type === undefined || id === undefined) return undefined;
  return version === undefined ? { type, id } : { type, id, version: Number(version) };
}
