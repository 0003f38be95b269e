import type { Resource } from '../../fhir/types.ts';

type Part = Record<string, unknown>;

function part(value: unknown): Part {
  return typeof value === 'object' && value !== null ? (value as Part) : {};
}

function parts(value: unknown): Part[] {
  return Array.isArray(value) ? value.map(part) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A person's name as one line: the official one if there is one. */
export function personName(resource: Resource): string {
  const names = parts(resource.name);
  const name = names.find((one) => one.use === 'official') ?? names[0];
  if (!name) return 'Name not recorded';
  const given = Array.isArray(name.given) ? name.given.join(' ') : '';
  const prefix = Array.isArray(name.prefix) ? name.prefix.join(' ') : '';
  return text(name.text) || [prefix, given, text(name.family)].filter(Boolean).join(' ');
}

/** The words of a CodeableConcept. */
export function conceptText(value: unknown): string {
  const concept = part(value);
  const coding = parts(concept.coding)[0] ?? {};
  return text(concept.text) || text(coding.display) || text(coding.code);
}

export function firstConceptText(value: unknown): string {
  return conceptText(Array.isArray(value) ? value[0] : value);
}

/** Code of a status given as code or CodeableConcept. */
export function statusText(value: unknown): string {
  return text(value) || text(parts(part(value).coding)[0]?.code);
}

export function dateText(value: unknown): string {
  return text(value).slice(0, 10);
}

/** Age in years, or in months below two years. */
export function ageText(birthDate: unknown, now: Date): string {
  const born = /^(\d{4})-(\d{2})(?:-(\d{2}))?/.exec(text(birthDate));
  if (!born) return 'age not recorded';
  const dayMissing = now.getUTCDate() < Number(born[3] ?? 1) ? 1 : 0;
  const months = (now.getUTCFullYear() - Number(born[1])) * 12 + now.getUTCMonth() + 1 - Number(born[2]) - dayMissing;
  return months < 24 ? `${months} months` : `${Math.floor(months / 12)} years`;
}

/** First attachment of a DocumentReference. */
export function attachmentOf(resource: Resource): { contentType: string; bytes: string; title: string } {
  const attachment = part(part(parts(resource.content)[0]).attachment);
  return { contentType: text(attachment.contentType), bytes: text(attachment.data), title: text(attachment.title) };
}
