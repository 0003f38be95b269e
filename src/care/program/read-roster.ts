import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { attributedProviderUrl } from './roster-members.ts';

/** One line of a payer's roster, as it came. */
export interface RosterRow {
  /** Counted from 1, the heading not among them. */
  row: number;
  /** A Patient of ours by reference, or an identifier. */
  patientId?: string;
  identifier?: { system: string; value: string };
  /** `Organization/…` and the like, or a National Provider Identifier. */
  practice?: { reference: string } | { npi: string };
}

const npiSystem = 'http://hl7.org/fhir/sid/us-npi';

/** A Group as Da Vinci Member Attribution has it, or CSV in a Binary. Error `invalid`; no value is repeated in it. */
export function readRoster(resource: Resource, memberSystem: string | undefined): Result<RosterRow[]> {
  const rows = isOfType(resource, 'Group')
    ? fromGroup(resource)
    : isOfType(resource, 'Binary')
      ? fromBinary(resource, memberSystem)
      : undefined;
  if (rows === undefined)
    return fail('invalid', 'roster has to be a Group, or a Binary of the type text/csv.', { code: 'value' });
  if (rows.ok && rows.value.length > limits.care.rosterRows) {
    return fail('too-large', `A roster has at most ${limits.care.rosterRows} rows.`);
  }
  return rows;
}

function fromGroup({ member = [] }: r4.Group): Result<RosterRow[]> {
  const rows = member
    .filter(({ inactive }) => inactive !== true)
    .map(({ entity, extension = [] }, index): RosterRow => {
      const patientId = /^Patient\/([A-Za-z0-9.-]{1,64})$/.exec(entity.reference ?? '')?.[1];
      const { system, value } = entity.identifier ?? {};
      const provider = extension.find(({ url }) => url === attributedProviderUrl)?.valueReference;
      const npi = provider?.identifier?.system === npiSystem ? provider.identifier.value : undefined;
      const named =
        provider?.reference !== undefined ? { reference: provider.reference } : npi !== undefined ? { npi } : undefined;
      return {
        row: index + 1,
        ...(patientId !== undefined && { patientId }),
        ...(system !== undefined && value !== undefined && { identifier: { system, value } }),
        ...(named && { practice: named }),
      };
    });
  return ok(rows);
}

function fromBinary({ contentType, data = '' }: r4.Binary, memberSystem: string | undefined): Result<RosterRow[]> {
  if (!/^text\/csv\b/.test(contentType)) return fail('invalid', 'A roster in a Binary is text/csv.', { code: 'value' });
  const table = parseCsv(Buffer.from(data, 'base64').toString('utf8'));
  if (table === undefined) return fail('invalid', 'In the roster a quote is not closed.', { code: 'structure' });
  const [heading = [], ...lines] = table;
  const column = (name: string) => heading.findIndex((one) => one.trim().toLowerCase() === name);
  const [member, system, practice] = [column('member'), column('system'), column('practice')];
  if (member < 0)
    return fail(
      'invalid',
      'The first line of a roster names its columns: member, and system and practice if it has them.',
      { code: 'structure' },
    );
  if (system < 0 && memberSystem === undefined) {
    return fail('invalid', 'memberSystem is required when the roster has no column system.', { code: 'required' });
  }
  return ok(
    lines
      .filter((line) => line.some((cell) => cell.trim() !== ''))
      .map((line, index) => fromLine(line, index, { member, system, practice }, memberSystem ?? '')),
  );
}

function fromLine(
  line: readonly string[],
  index: number,
  column: { member: number; system: number; practice: number },
  memberSystem: string,
): RosterRow {
  const cell = (at: number) => (at < 0 ? '' : (line[at] ?? '').trim());
  const system = cell(column.system) || memberSystem;
  const practice = cell(column.practice);
  const named = /^\d{10}$/.test(practice) ? { npi: practice } : { reference: practice };
  return {
    row: index + 1,
    identifier: { system, value: cell(column.member) },
    ...(practice !== '' && { practice: named }),
  };
}

/** Cells of comma-separated values; undefined when a quote is not closed. Source: RFC 4180; a lone line feed ends a line too. */
export function parseCsv(text: string): string[][] | undefined {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  const body = text.replace(/^\uFEFF/, '');
  for (let at = 0; at < body.length; at += 1) {
    const character = body[at] ?? '';
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (body[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === ',') {
      row.push(cell);
      cell = '';
    } else if (character === '\n') {
      rows.push([...row, cell.replace(/\r$/, '')]);
      row = [];
      cell = '';
    } else cell += character;
  }
  if (isQuoted) return undefined;
  return cell === '' && row.length === 0 ? rows : [...rows, [...row, cell]];
}
