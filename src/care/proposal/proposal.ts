import type { CarePart } from '../parts.ts';
import { answerProposalOperation } from './answer.ts';
import { checkProposalAnswer } from './check-answer.ts';
import { concludeApplied } from './check-applied.ts';
import { checkDecision, concludeDecisionOwner, concludeMeeting } from './check-meeting.ts';
import { checkProposal } from './check-proposal.ts';
import { closeMeetingOperation } from './close-meeting.ts';
import { giveUpScenario } from './give-up-scenario.ts';
import { keepProposal } from './keep-proposal.ts';
import { mergeOperation } from './merge-operation.ts';
import { type ProposalDeps, proposeOperation } from './propose.ts';

/** Changes that families and partners ask for, joint meetings, and edits at the same time (decisions D1, D5). */
export function proposalPart(deps: ProposalDeps): CarePart {
  const { clock } = deps;
  return {
    checks: [checkProposal, checkProposalAnswer, keepProposal, checkDecision],
    conclusions: [concludeApplied, giveUpScenario, concludeMeeting, concludeDecisionOwner],
    operations: [proposeOperation(deps), answerProposalOperation(clock), closeMeetingOperation(clock), mergeOperation],
  };
}
