import type { ReviewState } from './review.ts';
import type { Attribution, PlanSection } from './section-types.ts';

/** The plan of care as people read it: by problem. Texts are as stated by their authors; states are codes to be worded by the reader. */

/** Who said it. `hospital`: came from an EHR; `family`: the child or a caregiver; `here`: written in this system. */
export interface Source {
  kind: 'hospital' | 'family' | 'here';
  label: string;
  /** Site id of a mirror. */
  site?: string;
}

/** One thing in the plan. `date` is the date stated in it, else when the version was stored (ISO date or instant). */
export interface Line {
  reference: string;
  text: string;
  status: string;
  /** Still to be thought of: false for what is completed, resolved, cancelled. */
  open: boolean;
  source: Source;
  date?: string;
  /** Who says so, when, and for whom. */
  said?: Attribution;
  /** True when the plan points to it but it could not be read (deleted, or not for this reader). */
  unavailable?: true;
}

export interface GoalLine extends Line {
  /** The words are the child's or the family's own. */
  fromFamily: boolean;
  speaker?: string;
  achievement?: string;
  due?: string;
  targets: string[];
  /** `agreed`: everyone asked agrees; `disagreed`: at least one does not; `pending`: someone has not answered. */
  acceptance?: 'agreed' | 'disagreed' | 'pending';
  /** A family and a clinician both agree, and nobody disagrees. */
  negotiated?: true;
  /** Why it was rejected, in the words that were given. */
  rejectedBecause?: string;
}

export interface ActionLine extends Line {
  owner?: string;
  due?: string;
}

export interface ReferralLine extends Line {
  /** Where the referral stands: the state of its Task when there is one, of the request otherwise. */
  state: ReferralState;
  requester?: string;
  performer?: string;
  due?: string;
  /** Modifier element: the request is NOT to do this. */
  doNotPerform?: true;
  /** The Tasks that fulfill it; shown as its state, not as actions of their own. */
  tasks: string[];
}

export type ReferralState =
  | 'draft'
  | 'sent'
  | 'seen'
  | 'accepted'
  | 'in-progress'
  | 'on-hold'
  | 'completed'
  | 'declined'
  | 'cancelled'
  | 'failed'
  | 'requested'
  | 'unknown';

/** Equal problems (one shared code) of several sources stand together; each keeps its own line. */
export interface ProblemView {
  key: string;
  title: string;
  active: boolean;
  members: Line[];
  goals: GoalLine[];
  actions: ActionLine[];
  referrals: ReferralLine[];
}

export interface TeamMember {
  reference?: string;
  name: string;
  roles: string[];
  lead: boolean;
  /** Whose records say who this is; empty when the member is only a name. */
  sources: Source[];
}

export interface HospitalPlan extends Line {
  title: string;
  period?: string;
}

export interface PlanView {
  reference: string;
  title: string;
  status: string;
  child: { reference: string; name: string; birthDate?: string; age?: string; sex?: string };
  /** Open ones only. */
  counts: { problems: number; goals: number; actions: number; referrals: number };
  /** Open goals in the family's own words, newest first. */
  familyGoals: GoalLine[];
  problems: ProblemView[];
  /** What no problem is named for. */
  unlinked: { goals: GoalLine[]; actions: ActionLine[]; referrals: ReferralLine[] };
  team: TeamMember[];
  /** Names of everyone who contributed to the plan (people and organizations), in a fixed order. */
  contributors: string[];
  hospitalPlans: HospitalPlan[];
  /** Every source that something in the view comes from. */
  sources: Source[];
  /** When the plan was last agreed on and is due again. */
  review: ReviewState;
  /** The sections of decision D4. */
  sections: PlanSection[];
  /** The newest change among what is shown; undefined when nothing has a time. */
  asOf?: string;
}
