import { clientSystem, participantTypeSystem } from '../../fhir/provenance.ts';
import { parseReference } from '../../fhir/references.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Actor } from '../../store/types.ts';

/**
 * Who wrote, as far as it is known, and never by a name: a person as author by reference, with the client as transmitter; a client that
 * acts by itself as transmitter; a room of this server as assembler. US Core wants to know on whose behalf a person wrote: here it is
 * whoever runs this server, named by its FHIR base.
 */
export function agentsOf(actor: Actor, baseUrl: string): r4.ProvenanceAgent[] {
  if (actor.kind === 'system') return [agent('assembler', { identifier: room(actor.id) })];
  if (actor.kind === 'client') return [agent('transmitter', { identifier: client(actor.id) })];
  const server = { identifier: { system: 'urn:ietf:rfc:3986', value: baseUrl }, display: 'Careweave' };
  const through = actor.clientId === undefined ? [] : [agent('transmitter', { identifier: client(actor.clientId) })];
  return [{ ...agent('author', person(actor.id)), onBehalfOf: server }, ...through];
}

function agent(code: string, who: r4.Reference): r4.ProvenanceAgent {
  return { type: { coding: [{ system: participantTypeSystem, code }] }, who };
}

/** A user of another system (an EHR's practitioner) is known by its URL, ours by a reference. */
function person(id: string): r4.Reference {
  return parseReference(id) === undefined ? { identifier: { value: id } } : { reference: id };
}

const client = (value: string): r4.Identifier => ({ system: clientSystem, value });
const room = (value: string): r4.Identifier => ({ system: `${canonicalBase}/room`, value });
