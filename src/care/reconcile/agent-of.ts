import type { Principal } from '../../access/types.ts';
import { clientSystem, participantTypeSystem } from '../../fhir/provenance.ts';
import type { r4 } from '../../fhir/types.ts';

/** The caller of an operation as agent of a Provenance: a person as author, a system that acts by itself as assembler. */
export function agentOf({ kind, fhirUser, clientId }: Principal): r4.ProvenanceAgent {
  const agent = (code: string, who: r4.Reference) => ({
    type: { coding: [{ system: participantTypeSystem, code }] },
    who,
  });
  return kind === 'user' && fhirUser !== undefined
    ? agent('author', { reference: fhirUser })
    : agent('assembler', { identifier: { system: clientSystem, value: clientId } });
}
