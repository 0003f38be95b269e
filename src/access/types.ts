/** Who asks, and what they were granted. Made from a verified access token in `auth/`, used by every path. */

export type Interaction = 'c' | 'r' | 'u' | 'd' | 's';

/** One granted SMART scope, e.g. `patient/Goal.rs`. Source: SMART App Launch 2.2, scopes-and-launch-context. */
export interface Scope {
  level: 'patient' | 'user' | 'system';
  /** `*` or a resource type. */
  type: string;
  interactions: ReadonlySet<Interaction>;
}

export interface Principal {
  kind: 'client' | 'user' | 'system';
  /** client_id for a backend client or inner room; `Practitioner/…` for a person. */
  id: string;
  clientId: string;
  scopes: readonly Scope[];
  /** The launch patient (id only) when the token has one; patient/ scopes reach this child's compartment only. */
  patientId?: string;
  /** `Practitioner/…` etc. of the person behind the token. */
  fhirUser?: string;
}
