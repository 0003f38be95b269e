import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { localId } from '../local-id.ts';
import {
  codesOf,
  familyWordsUrl,
  proposedByUrl,
  scenarioDeviceUrl,
  scenarioSystem,
  stepSystem,
  zoneUrl,
} from './terms.ts';

export type Zone = 'green' | 'yellow' | 'red';
export const zones: readonly Zone[] = ['green', 'yellow', 'red'];

export interface Step {
  text: string;
  zone?: Zone;
}

/** What may happen and what then is to be done: trigger → what the family does → whom to call → what the emergency department should do. */
export interface Scenario {
  id: string;
  /** Codes of CodeSystem/emergency-scenario. */
  kinds: readonly string[];
  title?: string;
  trigger?: string;
  family: readonly Step[];
  call: readonly Step[];
  emergencyDepartment: readonly Step[];
  /** `Device/…` or `DeviceUseStatement/…` that it is about; none: all of them. */
  devices: readonly string[];
  proposedBy?: string;
  /** As the family said it. */
  words?: string;
}

/** True for a RequestGroup that is a scenario, whether it says so by profile or not. */
export function isScenario(group: Pick<r4.RequestGroup, 'code'>): boolean {
  return codesOf(group.code, scenarioSystem).length > 0;
}

/** A scenario in force: one that people have agreed on, not a wish and not one of before. */
export function isInForce(group: Pick<r4.RequestGroup, 'status' | 'intent' | 'code'>): boolean {
  return isScenario(group) && group.status === 'active' && group.intent !== 'proposal';
}

/** Reads a scenario from its RequestGroup; steps without one of our codes are the family's. */
export function scenarioOf(group: r4.RequestGroup): Scenario {
  const steps = group.action ?? [];
  const of = (code: string) =>
    steps.filter((action) => kindOf(action) === code).flatMap((action) => stepOf(group, action));
  const extensions = group.extension ?? [];
  const trigger = group.reasonCode
    ?.map(({ text, coding }) => text ?? coding?.[0]?.display)
    .filter(Boolean)
    .join('; ');
  const proposedBy = extensions.find(({ url }) => url === proposedByUrl)?.valueReference?.reference;
  const words = extensions.find(({ url }) => url === familyWordsUrl)?.valueString;
  return {
    id: group.id ?? '',
    kinds: codesOf(group.code, scenarioSystem),
    ...(group.code?.text !== undefined && { title: group.code.text }),
    ...(trigger && { trigger }),
    family: of('family'),
    call: of('call'),
    emergencyDepartment: of('emergency-department'),
    devices: extensions.flatMap(({ url, valueReference }) => {
      if (url !== scenarioDeviceUrl) return [];
      const device = localId(valueReference, 'Device');
      const use = localId(valueReference, 'DeviceUseStatement');
      return device !== undefined ? [`Device/${device}`] : use !== undefined ? [`DeviceUseStatement/${use}`] : [];
    }),
    ...(proposedBy !== undefined && { proposedBy }),
    ...(words !== undefined && { words }),
  };
}

function kindOf({ code }: r4.RequestGroupAction): string {
  return codesOf(code, stepSystem)[0] ?? 'family';
}

function stepOf(group: r4.RequestGroup, action: r4.RequestGroupAction): Step[] {
  const text = stepText(group, action);
  if (text === undefined) return [];
  const zone = zoneOf(action);
  return [{ text, ...(zone && { zone }) }];
}

/**
 * What an action asks for, in words: its own, or those of the Task it holds. R4 wants a resource for every action that has no further ones (rqg-1),
 * so a step is a contained Task.
 */
export function stepText({ contained = [] }: r4.RequestGroup, action: r4.RequestGroupAction): string | undefined {
  const { title, description, resource } = action;
  const own = [title, description].filter(Boolean).join(': ');
  if (own !== '') return own;
  const held = contained.find(({ id }) => id !== undefined && resource?.reference === `#${id}`);
  const task: Resource | undefined = held && { ...held };
  return isOfType(task, 'Task') ? task.description : undefined;
}

export function zoneOf({ extension }: r4.RequestGroupAction): Zone | undefined {
  const zone = extension?.find(({ url }) => url === zoneUrl)?.valueCode;
  return zones.find((one) => one === zone);
}

/** Steps as the actions and contained Tasks of a RequestGroup. */
export function actionsOf(steps: readonly (Step & { kind: string })[]): Pick<r4.RequestGroup, 'contained' | 'action'> {
  if (steps.length === 0) return {};
  return {
    contained: steps.map(({ text }, place) => ({
      resourceType: 'Task',
      id: `step-${place + 1}`,
      status: 'draft',
      intent: 'option',
      description: text,
    })),
    action: steps.map(({ kind, zone }, place) => ({
      ...(zone && { extension: [{ url: zoneUrl, valueCode: zone }] }),
      code: [{ coding: [{ system: stepSystem, code: kind }] }],
      resource: { reference: `#step-${place + 1}` },
    })),
  };
}

/** What a scenario still lacks, in words; undefined when it is whole. */
export function lackOf(scenario: Scenario): string | undefined {
  if (!scenario.trigger) return 'A scenario says in reasonCode.text what sets it off.';
  if (scenario.family.length === 0) return 'A scenario says what the family does, in an action of the kind family.';
  if (scenario.call.length === 0) return 'A scenario says whom to call, in an action of the kind call.';
  if (scenario.emergencyDepartment.length === 0)
    return 'A scenario says what the emergency department should do, in an action of the kind emergency-department.';
  return undefined;
}
