import type { Clock } from '../../base/clock.ts';
import type { Module } from '../../module.ts';
import type { WriteCheck } from '../../store/types.ts';
import type { Access } from '../access.ts';
import { emergencyCommands } from '../emergency/commands.ts';
import { expireLabels, noteExpiry } from '../labels/expiry.ts';
import { checkFacts } from './check-facts.ts';
import { checkPartners } from './check-partners.ts';
import { checkToldTask } from './check-told-task.ts';
import { privacyCommands } from './commands.ts';
import type { PolicyReader } from './document.ts';
import { markPartners } from './mark-partners.ts';
import { partnerCommands } from './partner-commands.ts';
import { relabelJob } from './relabel.ts';

/** What the privacy of children adds to the house: checks on who says who may see whom, commands, the job after a change of rules. */
export function privacyModule(access: Access, reader: PolicyReader, whole: WriteCheck, clock: Clock): Module {
  return {
    name: 'privacy',
    checks: [checkFacts(clock, access.policy.known), checkPartners, checkToldTask(clock), whole],
    effects: [markPartners, noteExpiry],
    conclusions: [access.conclusion],
    jobs: [relabelJob(access.policy), expireLabels],
    commands: [
      ...privacyCommands({ reader, policy: access.policy }),
      ...partnerCommands(access.forget),
      ...emergencyCommands(),
    ],
  };
}
