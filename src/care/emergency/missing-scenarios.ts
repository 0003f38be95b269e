import type { DeviceInUse } from './devices.ts';
import type { Scenario } from './scenario.ts';

/** A scenario that a plan must have and has not. */
export interface MissingScenario {
  /** Code of CodeSystem/emergency-scenario. */
  kind: 'device-failure' | 'power-failure';
  /** `Device/…` that it would be about. */
  device: string;
  /** What the device is called; only for the child's own people: never in an error. */
  name?: string;
}

/**
 * What a plan lacks for the devices a child has (S1.29): each needs a scenario for its failure, of its own or one for all; a ventilator also
 * one for a power failure.
 */
export function missingScenarios(devices: readonly DeviceInUse[], scenarios: readonly Scenario[]): MissingScenario[] {
  return devices.flatMap((device): MissingScenario[] => {
    const [reference = ''] = device.references;
    const about = { device: reference, ...(device.name !== undefined && { name: device.name }) };
    const has = (kind: string) =>
      scenarios.some((scenario) => scenario.kinds.includes(kind) && covers(scenario, device));
    return [
      ...(has('device-failure') ? [] : [{ kind: 'device-failure' as const, ...about }]),
      ...(device.isVentilator && !has('power-failure') ? [{ kind: 'power-failure' as const, ...about }] : []),
    ];
  });
}

function covers({ devices }: Scenario, { references }: DeviceInUse): boolean {
  return devices.length === 0 || devices.some((device) => references.includes(device));
}

/** What is missing, for somebody who has to write it: the devices by their references, because an error names nobody's equipment. */
export function missingText(missing: readonly MissingScenario[]): string {
  const lines = missing.map(({ kind, device }) =>
    kind === 'device-failure'
      ? `what to do when ${device} fails or comes out (a scenario device-failure)`
      : `what to do when the power goes out, because ${device} is a ventilator (a scenario power-failure)`,
  );
  return `The emergency plan does not say ${lines.join(', nor ')}. Add the scenario to the plan's activities: what sets it off, what the family does, whom to call, what the emergency department should do.`;
}
