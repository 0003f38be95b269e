import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { isSame } from '../../fhir/merge/three-way.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { isSync } from '../../store/sync-actor.ts';
import type { Change, Tx, WriteCheck } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { mayAct } from './may-act.ts';
import { coreActionUrl, programUrl } from './vocabulary.ts';

const rule = 'program-core';

/**
 * The protocol of a program (a PlanDefinition that names it) has a core, the same at every site: actions marked core-action. Whom the program's policy lets edit
 * the core changes it, the accountable body's people when it says nothing; everybody else adds and changes optional actions beside it (S4.10).
 */
export function checkCore(clock: Clock): WriteCheck {
  return {
    name: rule,
    types: ['PlanDefinition'],
    check: async (change: Change, tx: Tx) => {
      const { before, after } = change;
      const programs = new Set([programIn(before), programIn(after)].filter((id) => id !== undefined));
      if (programs.size === 0 || isSync(tx.actor)) return ok(undefined);
      const named = checkNamed(after);
      if (!named.ok) return named;
      if (isSame(lockedOf(before), lockedOf(after))) return ok(undefined);
      for (const id of programs) {
        const program = currentOf(await tx.read('HealthcareService', id));
        if (await mayAct(tx, tx.actor, program, 'edit-core', clock.now())) continue;
        const text =
          'The core of this program’s protocol is the same at every site and is changed by whom the program lets (program-policy). Add or change optional actions beside it, or ask for a change of the core.';
        return refuse(rule, text, 'PlanDefinition.action');
      }
      return ok(undefined);
    },
  };
}

function programIn(protocol: Resource | undefined): string | undefined {
  if (!isOfType(protocol, 'PlanDefinition')) return undefined;
  return localId(protocol.extension?.find(({ url }) => url === programUrl)?.valueReference, 'HealthcareService');
}

/** A core action without an id could not be known again. */
function checkNamed(protocol: Resource | undefined): Result<void> {
  const core = isOfType(protocol, 'PlanDefinition') ? flat(coreOf(protocol.action)) : [];
  const ids = new Set(core.map(({ id }) => id ?? ''));
  return ids.size === core.length && !ids.has('')
    ? ok(undefined)
    : refuse(rule, 'Each core action of a protocol has an id of its own.', 'PlanDefinition.action.id');
}

/** What of a protocol is locked: whose it is, whether it is in force, and its core, in order. A protocol without a core locks nothing. */
function lockedOf(protocol: Resource | undefined): unknown {
  if (!isOfType(protocol, 'PlanDefinition')) return undefined;
  const core = coreOf(protocol.action);
  return core.length === 0 ? undefined : { program: programIn(protocol), status: protocol.status, core };
}

/** Core actions without the optional ones that stand in them. */
function coreOf(actions: readonly r4.PlanDefinitionAction[] = []): r4.PlanDefinitionAction[] {
  return actions.flatMap((one) => {
    const { action, ...own } = one;
    const inner = coreOf(action);
    return isCore(one) ? [{ ...own, ...(inner.length > 0 && { action: inner }) }] : inner;
  });
}

function flat(actions: readonly r4.PlanDefinitionAction[]): r4.PlanDefinitionAction[] {
  return actions.flatMap((one) => [one, ...flat(one.action ?? [])]);
}

function isCore({ extension = [] }: r4.PlanDefinitionAction): boolean {
  return extension.some(({ url, valueBoolean }) => url === coreActionUrl && valueBoolean === true);
}
