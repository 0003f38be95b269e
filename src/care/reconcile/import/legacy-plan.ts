import { newId } from '../../../base/ids.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';

/** A record that came with a plan; `fullUrl` is what the others refer to it by. */
export interface LegacyRecord {
  fullUrl: string;
  resource: Resource;
}

/** Whom a document says that it is about. */
export interface Person {
  /** As far as it is told: a day, a month or a year. */
  birthDate?: string;
  names: readonly string[];
}

/** A plan as it was kept elsewhere, in FHIR's words; the child is in place already. */
export interface LegacyPlan {
  /** Its activities are written out in `detail`. */
  plan: Resource & r4.CarePlan;
  records: readonly LegacyRecord[];
  person: Person;
  /** What of it was not taken over, in sentences without a person's data. */
  leftOut: readonly string[];
  /** Nothing in the original says more than what was read of it. */
  isWhole: boolean;
  /** The document itself, or the part of it that is about this plan. */
  original: { contentType: string; text: string; title: string };
  /** Codes of v3-Confidentiality that the document has for itself. */
  confidentiality: readonly string[];
}

/** Collects the records of one plan while a document is read. */
export class Records {
  readonly records: LegacyRecord[] = [];
  readonly leftOut = new Map<string, number>();

  /** Answers by what the record is referred to. */
  add(resource: Resource): string {
    const fullUrl = `urn:uuid:${newId()}`;
    this.records.push({ fullUrl, resource });
    return fullUrl;
  }

  leave(what: string): void {
    this.leftOut.set(what, (this.leftOut.get(what) ?? 0) + 1);
  }

  /** The same said once, with how often. */
  sentences(): string[] {
    return [...this.leftOut].map(([what, count]) => (count === 1 ? what : `${what} (${count} times)`));
  }
}
