import { conceptText } from '../../../fhir/plan-view/index-of.ts';
import type { r4 } from '../../../fhir/types.ts';
import { type DeviceInUse, devicesInUse } from '../devices.ts';
import { codesOf, devicePropertySystem } from '../terms.ts';
import type { Words } from '../words.ts';
import { dayOf, notesOf, phonesOf, quantityText, said } from './say.ts';
import type { Line, Source } from './types.ts';

/** Each device with its type, size, settings, when it was changed, where the spare is and whom to call for it (D6). */
export function deviceLines({ resources, words, index }: Source): Line[] {
  return devicesInUse(resources).map((one): Line => {
    const { device, use } = one;
    const type = conceptText(device?.type);
    const changed = use?.timingDateTime ?? use?.timingPeriod?.start;
    const vendor = said(device?.owner && index.nameOf(device.owner), phonesOf(device?.contact));
    return {
      text: nameOf(one),
      facts: said(
        type !== one.name && type,
        device?.modelNumber,
        ...(device?.property ?? []).map((property) => propertyText(property, words)),
        ...(device?.version ?? []).map(({ value }) => value),
        conceptText(use?.bodySite),
        changed !== undefined && `${words.labels['date-changed']} ${dayOf(changed) ?? ''}`,
        ...notesOf(device?.note),
        ...notesOf(use?.note),
        device?.serialNumber !== undefined && `${words.labels.serial} ${device.serialNumber}`,
        vendor.length > 0 && `${words.labels.vendor}: ${vendor.join(' ')}`,
      ),
      references: one.references,
    };
  });
}

export function nameOf({ name, references }: DeviceInUse): string {
  return name ?? references[0] ?? '?';
}

function propertyText({ type, valueQuantity, valueCode }: r4.DeviceProperty, words: Words): string | undefined {
  const [code] = codesOf(type, devicePropertySystem);
  const known =
    code === 'size' || code === 'setting' || code === 'spare' || code === 'date-changed'
      ? words.labels[code]
      : undefined;
  const name = known === undefined ? conceptText(type) : [known, type.text].filter(Boolean).join(' ');
  const value = [...(valueQuantity ?? []).map(quantityText), ...(valueCode ?? []).map(conceptText)]
    .filter(Boolean)
    .join(', ');
  return [name, value].filter(Boolean).join(' ');
}
