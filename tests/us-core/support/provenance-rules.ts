import type { r4 } from '../../../src/fhir/types.ts';

/** What US Core's Provenance profile asks beyond R4 (its definition does not ship with ours), written out by hand. */
export function usCoreProvenanceProblems({ target, recorded, agent }: r4.Provenance): string[] {
  const problems: string[] = [];
  if (target.length === 0 || target.some(({ reference }) => reference === undefined)) problems.push('target.reference');
  if (!/T.*(Z|[+-]\d\d:\d\d)$/.test(recorded)) problems.push('recorded');
  if (agent.length === 0) problems.push('agent');
  for (const { who, onBehalfOf } of agent) {
    if (who === undefined) problems.push('agent.who');
    const acting = who?.type ?? who?.reference?.split('/').at(-2);
    if ((acting === 'Practitioner' || acting === 'Device') && onBehalfOf === undefined) problems.push('provenance-1');
  }
  const transmitters = agent.filter(({ type }) => type?.coding?.some(({ code }) => code === 'transmitter'));
  if (transmitters.length > 1) problems.push('agent:ProvenanceTransmitter');
  return problems;
}
