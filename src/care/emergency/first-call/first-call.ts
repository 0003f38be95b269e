import type { r4 } from '../../../fhir/types.ts';
import type { Contact } from './contacts.ts';
import { type Openness, opennessAt } from './hours.ts';

export interface FirstCall {
  /** Whom to call at this hour, the first one first. */
  inOrder: readonly { contact: Contact; isCertain: boolean }[];
  /** Who cannot be reached now. */
  closed: readonly { contact: Contact; why?: string }[];
}

/** Kinds that are there at any hour, unless hours are written down for them. */
const always: ReadonlySet<string> = new Set(['on-call', 'emergency-services', 'emergency-department']);
/** Who is called when there is nobody better: last, unless they are named for the very symptom. */
const last: ReadonlySet<string> = new Set(['emergency-department', 'emergency-services']);

/**
 * Whom to call first at an instant (S1.15), and who is next: those named for the symptom, then those for anything, in the plan's order; emergency
 * services last; who is closed now is not called, and whose hours nobody wrote down comes after those who are there for certain. Pure.
 */
export function firstCall(contacts: readonly Contact[], at: Date, symptom?: string): FirstCall {
  const asked = contacts.filter(
    ({ symptoms }) => symptom === undefined || symptoms.length === 0 || names(symptoms, symptom),
  );
  const judged = asked.map((contact) => ({ contact, openness: openness(contact, at) }));
  const reachable = judged.flatMap(({ contact, openness: { state } }) =>
    state === 'closed' ? [] : [{ contact, isCertain: state === 'open' }],
  );
  const rank = ({ contact, isCertain }: (typeof reachable)[number]) => {
    const isNamed = symptom !== undefined && contact.symptoms.length > 0;
    if (last.has(contact.kind) && !isNamed) return 8 + (contact.kind === 'emergency-services' ? 1 : 0);
    return (isCertain ? 0 : 4) + (isNamed ? 0 : symptom === undefined && contact.symptoms.length > 0 ? 2 : 1);
  };
  return {
    inOrder: reachable.sort((one, other) => rank(one) - rank(other)),
    closed: judged.flatMap(({ contact, openness: one }) =>
      one.state === 'closed' ? [{ contact, ...(one.why !== undefined && { why: one.why }) }] : [],
    ),
  };
}

function openness({ hours, kind }: Contact, at: Date): Openness {
  const found = opennessAt(hours, at);
  return found.state === 'unknown' && always.has(kind) ? { state: 'open' } : found;
}

/** By code (`seizure`, `system|seizure`), or by its words. */
function names(symptoms: readonly r4.CodeableConcept[], asked: string): boolean {
  const wanted = asked.trim().toLowerCase();
  return symptoms.some(
    ({ text, coding = [] }) =>
      text?.trim().toLowerCase() === wanted ||
      coding.some(
        ({ system = '', code = '', display }) =>
          code.toLowerCase() === wanted ||
          `${system}|${code}`.toLowerCase() === wanted ||
          display?.toLowerCase() === wanted,
      ),
  );
}
