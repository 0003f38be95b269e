import { isOfType } from '../../../fhir/of-type.ts';
import { localReference } from '../../../fhir/plan-view/index-of.ts';
import type { r4 } from '../../../fhir/types.ts';
import type { Plan } from '../check-plan.ts';
import { isInForce, type Scenario, type Step, scenarioOf, stepText, type Zone, zoneOf, zones } from '../scenario.ts';
import type { Words } from '../words.ts';
import { said } from './say.ts';
import type { Line, Source } from './types.ts';

const disasters: ReadonlySet<string> = new Set(['power-failure', 'water-failure', 'evacuation']);

/** What may happen to this child: trigger → what the family does → whom to call → what the emergency department should do. */
export function scenarioLines(source: Source): Line[] {
  return scenariosIn(source, source.plan)
    .filter(({ kinds }) => kinds.some((kind) => !disasters.has(kind)))
    .map((scenario) => scenarioLine(scenario, source));
}

/** Power, water, evacuation. */
export function disasterLines(source: Source): Line[] {
  return scenariosIn(source, source.plan)
    .filter(({ kinds }) => kinds.every((kind) => disasters.has(kind)))
    .map((scenario) => scenarioLine(scenario, source));
}

/** The scenarios in force that a plan lists, in its order. */
export function scenariosIn({ index }: Pick<Source, 'index'>, plan: Plan): Scenario[] {
  return groupsOf({ index }, plan).filter(isInForce).map(scenarioOf);
}

function groupsOf({ index }: Pick<Source, 'index'>, { activity = [] }: Plan): r4.RequestGroup[] {
  return activity.flatMap(({ reference }) => {
    const group = index.get(localReference(reference));
    return isOfType(group, 'RequestGroup') && group.status === 'active' ? [group] : [];
  });
}

function scenarioLine(scenario: Scenario, { words, index }: Source): Line {
  const references = [`RequestGroup/${scenario.id}`];
  // The zone is said too: color alone tells nothing on a gray printer.
  const step = (label: string, { text, zone }: Step): Line => ({
    label: zone ? `${label} (${words.zones[zone]})` : label,
    text,
    facts: [],
    references: [],
    ...(zone && { zone }),
  });
  const about = scenario.devices.map((device) => index.nameOf({ reference: device }));
  return {
    label: scenario.title ?? said(...scenario.kinds.map((kind) => words.scenarios[kind] ?? kind)).join(', '),
    text: scenario.trigger ?? '',
    facts: said(...about, scenario.proposedBy !== undefined && words.labels.proposedBy),
    references,
    lines: [
      ...(scenario.words === undefined ? [] : [step(words.labels.theirWords, { text: `“${scenario.words}”` })]),
      ...scenario.family.map((one) => step(words.labels.family, one)),
      ...scenario.call.map((one) => step(words.labels.call, one)),
      ...scenario.emergencyDepartment.map((one) => step(words.labels.emergencyDepartment, one)),
    ],
  };
}

/** What the family does, by color zone: from the access plan. */
export function zoneLines(source: Source): Line[] {
  const { access, words } = source;
  if (!access) return [];
  const steps = groupsOf(source, access).flatMap((group) =>
    (group.action ?? []).flatMap((action) => {
      const zone = zoneOf(action);
      const text = stepText(group, action);
      return zone === undefined || text === undefined
        ? []
        : [{ zone, text, reference: `RequestGroup/${group.id ?? ''}` }];
    }),
  );
  return zones.flatMap((zone) => {
    const own = steps.filter((one) => one.zone === zone);
    return own.length === 0 ? [] : [zoneLine(zone, own, words)];
  });
}

function zoneLine(zone: Zone, steps: readonly { text: string; reference: string }[], words: Words): Line {
  return {
    label: words.zones[zone],
    text: '',
    zone,
    facts: [],
    references: [...new Set(steps.map(({ reference }) => reference))],
    lines: steps.map(({ text }) => ({ text, facts: [], references: [] })),
  };
}
