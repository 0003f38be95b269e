import type { r4 } from '../../fhir/types.ts';
import type { FhirClient } from './fhir-client.ts';

export interface Code {
  system: string;
  code: string;
  words: string;
}

/** What may be chosen, as the server's value set has it (`$expand`); empty when it cannot be read. `name`: of a value set of ours. */
export async function readCodes(client: FhirClient, name: string): Promise<Code[]> {
  const url = encodeURIComponent(`http://careweave.org/fhir/ValueSet/${name}`);
  const answer = await client.get(`ValueSet/$expand?url=${url}`);
  const set = answer.ok ? (answer.value as r4.ValueSet | undefined) : undefined;
  return (set?.expansion?.contains ?? []).flatMap(({ system, code, display }) =>
    system === undefined || code === undefined ? [] : [{ system, code, words: display ?? code }],
  );
}

export function conceptOf({ system, code, words }: Code): r4.CodeableConcept {
  return { coding: [{ system, code, display: words }] };
}
