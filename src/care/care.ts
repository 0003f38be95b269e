import type { Policy } from '../access/policy/compile.ts';
import type { Clock } from '../base/clock.ts';
import type { Result } from '../base/errors.ts';
import type { Module } from '../module.ts';
import { type NewJob, type Reader, type Sql, seesAll, type Tx, type Visibility } from '../store/types.ts';
import type { Terms } from '../terminology/terms.ts';
import { conditionPart } from './condition/condition.ts';
import { consentEndPart } from './consent-end/consent-end.ts';
import { consentEndJob } from './consent-end/end-job.ts';
import { contactPart } from './contact/contact.ts';
import { emergencyPart } from './emergency/emergency.ts';
import { goalPart } from './goal/goal.ts';
import { screeningJob } from './need/ask-job.ts';
import { needPart } from './need/need.ts';
import { moduleOf } from './parts.ts';
import { type Composed, type ComposeOptions, composePlan } from './plan/compose.ts';
import { type PlanDocument, renderPlanDocument, type Shown } from './plan/document.ts';
import type { Told } from './plan/document-operation.ts';
import { planPart } from './plan/plan.ts';
import { planReviewJob } from './plan/review/review-job.ts';
import { digestJob } from './program/digest/digest-job.ts';
import { endWithConsent } from './program/end-with-consent.ts';
import { programPart } from './program/program.ts';
import { proposalPart } from './proposal/proposal.ts';
import { escalateJob } from './queue/escalate-job.ts';
import { queuePart } from './queue/queue.ts';
import { reconcilePart } from './reconcile/reconcile.ts';
import { referralPart } from './referral/referral.ts';
import { sameDayPart } from './same-day/same-day.ts';
import { screeningPart } from './screening/screening.ts';
import { sharingPart } from './sharing/sharing.ts';
import { tellEndedSharing } from './sharing/tell-ended.ts';
import { teamPart } from './team/team.ts';

export interface CareDeps {
  clock: Clock;
  /** What of a child's records a document that leaves the house may tell; absent: all. */
  shown?: Shown;
  /** Of some records what a caller is told; absent: all. */
  told?: Told;
  /** Our FHIR base, without a trailing slash. */
  baseUrl?: string;
  /** Hierarchies of codes; absent: codes are compared as they are. */
  terms?: Terms;
  /** The privacy policy in force, for what is shared with partners; absent: nothing is known of partners. */
  policy?: () => Promise<Policy | undefined>;
  /** The same without asking, for what is within a transaction. */
  policyHere?: () => Policy | undefined;
  /** What a person (`Practitioner/…`) may read, for what is written to them; absent: all. `within`: the transaction in which it is asked. */
  readsAs?: (person: string, within?: Sql) => Promise<Visibility>;
  /** IANA name of the zone of this house, for days and opening hours; absent: UTC. */
  zone?: string;
}

export interface Care {
  module: Module;
  /** To be queued at start: the first look for overdue referrals, which then queues itself. */
  escalateJob: NewJob;
  /** The same for shared plans past their review. */
  planReviewJob: NewJob;
  /** The same for screenings that are overdue. */
  screeningJob: NewJob;
  /** The same for months of which primary care is to be told. */
  digestJob: NewJob;
  /** The same for consents whose time is over. */
  consentEndJob: NewJob;
  /** Composes one child's shared plan within the caller's transaction (see plan/compose.ts). */
  composePlan(tx: Tx, patientId: string, options?: Omit<ComposeOptions, 'clock'>): Promise<Result<Composed>>;
  /** The plan as a self-contained page, the same for equal content (see plan/document.ts). */
  renderPlanDocument(reader: Reader, planId: string): Promise<Result<PlanDocument>>;
}

/** The rules, effects, operation and job of care. Needs no store to be made: each gets the transaction it works in. */
export function createCare({
  clock,
  terms,
  shown,
  told = untouched,
  baseUrl = '',
  zone = 'UTC',
  policy,
  policyHere = () => undefined,
  readsAs = everything,
}: CareDeps): Care {
  return {
    escalateJob,
    planReviewJob,
    screeningJob,
    digestJob,
    consentEndJob,
    module: moduleOf('care', [
      teamPart(clock),
      conditionPart,
      goalPart(clock),
      referralPart(clock),
      screeningPart(clock),
      needPart(clock),
      contactPart(clock),
      queuePart(clock, zone),
      consentEndPart(
        [endWithConsent(clock, zone), ...(policy ? [tellEndedSharing({ clock, policy, policyHere })] : [])],
        zone,
      ),
      programPart({ clock, zone, shown: shown ?? whole, readsAs }),
      ...(policy ? [sharingPart({ clock, policy, policyHere })] : []),
      planPart({ clock, baseUrl, told, shown: shown ?? whole }),
      proposalPart({ clock, told }),
      reconcilePart({ clock, ...(terms && { terms }), ...(policy && { policy }) }),
      emergencyPart({ clock, zone, baseUrl, told, readsAs }),
      sameDayPart({ clock, zone }),
    ]),
    composePlan: (tx, patientId, options) => composePlan(tx, patientId, { ...options, clock }),
    renderPlanDocument: (reader, planId) => renderPlanDocument(reader, planId, shown),
  };
}

const everything = async () => seesAll;
const whole: Shown = async (resources) => [...resources];
const untouched: Told = async (_principal, resources) => [...resources];
