import type { Grant, Partly, TokenTest } from '../store/types.ts';

/** Who asks, and what they were granted. Made from a verified access token in `auth/`, used by every path. */

export type Interaction = 'c' | 'r' | 'u' | 'd' | 's';

/** One granted SMART scope, e.g. `patient/Goal.rs`. Source: SMART App Launch 2.2, scopes-and-launch-context. */
export interface Scope {
  level: 'patient' | 'user' | 'system';
  /** `*` or a resource type. */
  type: string;
  interactions: ReadonlySet<Interaction>;
  /** A granular scope's `?category=system|code&…`: all of them must hold. Only token parameters, never with type `*`. */
  having?: readonly TokenTest[];
}

/** What the privacy policy leaves a principal, before scopes (docs/decisions/access.md). Made anew for every request by `policy/`. */
export interface View {
  grants: readonly Grant[];
  /** What may be created; absent: what is seen. */
  creates?: readonly Grant[];
  /** What may be changed and deleted; absent: what is seen. */
  changes?: readonly Grant[];
  /** What of a record that is seen is taken out before it leaves; absent: nothing. */
  redaction?: Redaction;
  /** How records are told of which parts alone are hidden; absent: they are withheld as a whole. */
  partly?: Partly;
  /** Of staff with the role: patients whose record is open now, and what breaking the glass could open. */
  emergency?: { open: readonly string[]; possible: readonly Grant[] };
  /** Of somebody of a partner organization, or its system: the organizations, `Organization/…`. */
  partner?: { organizations: readonly string[] };
  /** Version of the policy that was followed. */
  policy: string;
}

/** How records are told to somebody from whom something is hidden. */
export interface Redaction {
  /** In the order in which they are asked: the first whose patients a record names. What names none of them is told by the strictest of all. */
  rules: readonly { patients: ReadonlySet<string> | 'any'; rule: RedactionRule }[];
  /** Patients whose address, telecom, school and places of care are not told to this viewer. */
  withoutWhereabouts: readonly string[];
}

/** What is taken out of every record, beside references to what is hidden. */
export interface RedactionRule {
  /** Labels other than of confidentiality are taken from meta.security, because they reveal. */
  stripsLabels: boolean;
  /** Neither version nor time of change is told: both move when only hidden things change. */
  hidesVersions: boolean;
  dropsNarrative: boolean;
  /** Names, addresses and telecoms of before. */
  dropsFormerDetails: boolean;
  /** A record of which something was taken says so, and cannot be written back. */
  marksSubsetted: boolean;
  /** Bits of the categories of which such a record says that a part was left out for privacy (REDACTED). */
  letsKnow: bigint;
  /** Elements by type. */
  removes: ReadonlyMap<string, readonly string[]>;
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
  /** Absent for a person: nothing is reached. A client (`system/` scopes) without one reaches what its scopes say. */
  view?: View;
  /** For what it asks, as the client's registration says (codes of v3-PurposeOfUse). */
  purposes?: readonly string[];
  /** The jti of the access token. */
  tokenId?: string;
}
