import { createContext, useContext } from 'react';
import type { FhirClient } from '../shared/fhir-client.ts';
import type { Place } from './place.ts';

/** What every part of the page works with: who sits here, the API, and the way to elsewhere. */
export interface Desk {
  /** `Practitioner/id`. */
  me: string;
  client: FhirClient;
  go: (place: Place) => void;
  openChild: (patientId: string) => void;
  /** The session is over: to our own sign-in, which asks nothing while one is signed in there. */
  signIn: () => void;
}

const context = createContext<Desk | undefined>(undefined);

export const DeskProvider = context.Provider;

export function useDesk(): Desk {
  const desk = useContext(context);
  if (!desk) throw new Error('The page has no desk.');
  return desk;
}
