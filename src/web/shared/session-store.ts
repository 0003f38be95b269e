/** What a launch gave this tab. It is kept in sessionStorage, which belongs to the one tab and ends with it. */
export interface Session {
  accessToken: string;
  /** Empty for an app about many children. */
  patientId: string;
  needPatientBanner: boolean;
  /** Who is signed in, e.g. `RelatedPerson/ana`; absent when the launch did not say. */
  fhirUser?: string;
  /** What was granted. */
  scopes?: string[];
  /** Milliseconds since the epoch. */
  expiresAt: number;
  /** For the next access token; good once. */
  refreshToken?: string;
  tokenEndpoint?: string;
}

/** By app: another page of ours in the same tab goes on with its own session only. */
const keyOf = (clientId: string) => `careweave.session.${clientId}`;

export function keepStored(clientId: string, session: Session): void {
  sessionStorage.setItem(keyOf(clientId), JSON.stringify(session));
}

export function storedSession(clientId: string): Session | null {
  return JSON.parse(sessionStorage.getItem(keyOf(clientId)) ?? 'null');
}
