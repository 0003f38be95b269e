import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { codeIn, dayOf } from './enrollment.ts';
import * as words from './vocabulary.ts';

/** By which of the four models a program manages care; undefined when it is no care management program. */
export function modelOf(service: Resource | undefined): words.Model | undefined {
  if (!isOfType(service, 'HealthcareService')) return undefined;
  const code = codeIn(service.type ?? [], words.modelSystem);
  return words.models.find((model) => model === code);
}

/** True when the program says a model, known or not. */
export function saysModel(service: Resource | undefined): boolean {
  return isOfType(service, 'HealthcareService') && codeIn(service.type ?? [], words.modelSystem) !== undefined;
}

/** The IANA time zone in which a program counts its months, when it says one. */
export function timeZoneOf(service: Resource | undefined): string | undefined {
  if (!isOfType(service, 'HealthcareService')) return undefined;
  return service.extension?.find(({ url }) => url === words.timeZoneUrl)?.valueCode;
}

export interface IntegrationLevel {
  level: string;
  /** Days, YYYY-MM-DD; the last one included. */
  start?: string;
  end?: string;
}

/** How closely the program works together with its site, oldest first. */
export function integrationLevels({ extension = [] }: r4.HealthcareService): IntegrationLevel[] {
  const found = extension.flatMap(({ url, extension: parts = [] }) => {
    if (url !== words.integrationLevelUrl) return [];
    const level = parts.find((part) => part.url === 'level')?.valueCode;
    const period = parts.find((part) => part.url === 'period')?.valuePeriod;
    const [start, end] = [dayOf(period?.start), dayOf(period?.end)];
    return level === undefined
      ? []
      : [{ level, ...(start !== undefined && { start }), ...(end !== undefined && { end }) }];
  });
  return found.sort((a, b) => ((a.start ?? '') < (b.start ?? '') ? -1 : 1));
}

/** For how many children the person can be care manager in this role; undefined: nobody has said. */
export function caseloadCap({ extension = [] }: r4.PractitionerRole): number | undefined {
  return extension.find(({ url }) => url === words.caseloadCapUrl)?.valuePositiveInt;
}
