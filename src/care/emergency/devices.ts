import { isOfType, ofType } from '../../fhir/of-type.ts';
import { conceptText } from '../../fhir/plan-view/index-of.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { localId } from '../local-id.ts';

/** A device that a child depends on now. */
export interface DeviceInUse {
  /** All names under which records refer to it: `Device/…`, and the `DeviceUseStatement/…` that say it is used. */
  references: readonly string[];
  /** Its name, or its type; undefined when nobody wrote either down. */
  name?: string;
  isVentilator: boolean;
  device?: r4.Device;
  use?: r4.DeviceUseStatement;
}

/** SNOMED CT: ventilator; HCPCS: home ventilator, by tube and by mask. */
const ventilatorCodes: ReadonlySet<string> = new Set(['706172005', 'E0465', 'E0466']);
const ventilatorWords = /\bventilat(?:or|ador)|\b(?:bi-?pap|bi-?level)\b/i;

/**
 * The devices in use, from the Devices and DeviceUseStatements of one child, in the order given. A Device whose every statement has ended is
 * not in use any more; a statement without a Device of ours stands for itself.
 */
export function devicesInUse(resources: readonly Resource[]): DeviceInUse[] {
  const uses = ofType(resources, 'DeviceUseStatement').filter(({ status }) => status !== 'entered-in-error');
  const devices = ofType(resources, 'Device').filter(({ status }) => status !== 'entered-in-error');
  const known = new Set(devices.map(({ id }) => id));
  const ofDevice = devices.flatMap((device): DeviceInUse[] => {
    const own = uses.filter((use) => localId(use.device, 'Device') === device.id);
    const current = own.filter(isCurrent);
    if ((device.status !== undefined && device.status !== 'active') || (own.length > 0 && current.length === 0))
      return [];
    const name = nameOf(device);
    return [
      {
        references: [`Device/${device.id ?? ''}`, ...current.map(({ id }) => `DeviceUseStatement/${id ?? ''}`)],
        ...(name !== undefined && { name }),
        isVentilator: isVentilator(device.type, name),
        device,
        ...(current[0] && { use: current[0] }),
      },
    ];
  });
  const alone = uses
    .filter((use) => isCurrent(use) && !known.has(localId(use.device, 'Device')))
    .map((use): DeviceInUse => {
      const named = use.device?.display ?? use.note?.[0]?.text;
      return {
        references: [
          `DeviceUseStatement/${use.id ?? ''}`,
          ...(use.device?.reference === undefined ? [] : [use.device.reference]),
        ],
        ...(named !== undefined && { name: named }),
        isVentilator: isVentilator(undefined, named),
        use,
      };
    });
  return [...ofDevice, ...alone];
}

function isCurrent({ status }: r4.DeviceUseStatement): boolean {
  return status === 'active' || status === 'intended';
}

function nameOf({ deviceName, type, modelNumber, distinctIdentifier }: r4.Device): string | undefined {
  const named = deviceName?.find(({ type: kind }) => kind === 'user-friendly-name') ?? deviceName?.[0];
  return named?.name ?? conceptText(type) ?? modelNumber ?? distinctIdentifier;
}

function isVentilator(type: r4.CodeableConcept | undefined, name: string | undefined): boolean {
  if (type?.coding?.some(({ code }) => code !== undefined && ventilatorCodes.has(code))) return true;
  return [name, type?.text, ...(type?.coding ?? []).map(({ display }) => display)].some(
    (text) => text !== undefined && ventilatorWords.test(text),
  );
}

/** True for the types whose records say which devices a child has. */
export function isDeviceRecord(resource: Resource | undefined): boolean {
  return isOfType(resource, 'Device') || isOfType(resource, 'DeviceUseStatement');
}
