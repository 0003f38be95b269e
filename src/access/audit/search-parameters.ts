import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { dateRange } from '../../fhir/date-range.ts';
import { clientSystem } from '../../fhir/provenance.ts';
import { type Act, acts } from './acts.ts';
import type { Outcome } from './entry.ts';
import type { Wanted } from './find.ts';
import { codeOf, outcomeCodes, subtypeCoding, typeCoding } from './render.ts';

/** What AuditEvents are searched by, with its kind: for the capability statement too. */
export const auditSearchParameters = {
  action: 'token',
  agent: 'reference',
  date: 'date',
  entity: 'reference',
  outcome: 'token',
  patient: 'reference',
  subtype: 'token',
  type: 'token',
} as const;

type Parameter = (values: readonly string[], wanted: Wanted) => Result<Wanted>;

const parameters: Readonly<Record<string, Parameter>> = {
  _id: (values, wanted) => ok({ ...wanted, seqs: values.filter((value) => /^\d{1,18}$/.test(value)) }),
  patient: (values, wanted) => {
    const ids = values.map((value) => /^(?:(?:.*\/)?Patient\/)?([A-Za-z0-9\-.]{1,64})$/.exec(value)?.[1]);
    return ids.every((id) => id !== undefined)
      ? ok({ ...wanted, patients: [...(wanted.patients ?? []), ids] })
      : wrong('patient takes Patient/<id>.');
  },
  agent: (values, wanted) =>
    values.every((value) => /^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/.test(value))
      ? ok({ ...wanted, persons: values })
      : wrong('agent takes a reference such as Practitioner/<id>; a client is found by agent:identifier.'),
  'agent:identifier': (values, wanted) => {
    const clients = values.map((value) => /^([^|]*)\|(.+)$/.exec(value));
    return clients.every((match) => match?.[1] === clientSystem)
      ? ok({ ...wanted, clients: clients.map((match) => match?.[2] ?? '') })
      : wrong(`agent:identifier takes ${clientSystem}|<client_id>.`);
  },
  date: dates,
  type: (values, wanted) => byAct(values, wanted, (act) => typeCoding(codeOf(act))),
  subtype: (values, wanted) => byAct(values, wanted, (act) => subtypeCoding(codeOf(act))),
  action: (values, wanted) =>
    byAct(values, wanted, (act) => ({ system: 'http://hl7.org/fhir/audit-event-action', code: codeOf(act).action })),
  outcome: (values, wanted) => {
    const names: Outcome[] = ['success', 'refused', 'failed'];
    const meant = names.filter((name) =>
      values.some((value) => isCode(value, 'http://hl7.org/fhir/audit-event-outcome', outcomeCodes[name])),
    );
    return ok({ ...wanted, outcomes: meant });
  },
  entity: (values, wanted) => {
    const texts = values.map((value) => /(?:^|\/)([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})$/.exec(value)?.[1]);
    if (!texts.every((text) => text !== undefined)) return wrong('entity takes a reference such as Goal/<id>.');
    return texts.every((text) => text.startsWith('Patient/'))
      ? ok({ ...wanted, patients: [...(wanted.patients ?? []), texts.map((text) => text.slice('Patient/'.length))] })
      : ok({ ...wanted, touched: texts });
  },
  _count: ([value = ''], wanted) =>
    /^[1-9]\d{0,8}$/.test(value)
      ? ok({ ...wanted, count: Math.min(Number(value), limits.audit.maxCount) })
      : wrong('_count takes a whole number from 1.'),
  _sort: ([value], wanted) => (value === '-date' ? ok(wanted) : wrong('AuditEvents come newest first: _sort=-date.')),
};

/** Reads a search of the trail. Error `invalid`: names the parameter. */
export function wantedEvents(query: readonly (readonly [string, string])[]): Result<Wanted> {
  let wanted: Wanted = { count: limits.audit.defaultCount };
  for (const [name, text] of query) {
    if (name === '_format' || name === '_pretty') continue;
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    const shown = /^[A-Za-z_][A-Za-z0-9_:-]{0,63}$/.test(name) ? name : 'of that name';
    if (!parameter) return wrong(`AuditEvents are not searched by the parameter ${shown}.`, 'not-supported');
    const repeated = ['agent', 'agent:identifier', 'outcome', '_id', 'entity'].includes(name);
    if (repeated && query.filter(([other]) => other === name).length > 1)
      return wrong(`The parameter ${shown} is given once; several values are set apart by commas.`);
    const read = parameter(text.split(','), wanted);
    if (!read.ok) return read;
    wanted = read.value;
  }
  return ok(wanted);
}

const wrong = (text: string, code = 'value') => fail('invalid', text, { code });

function isCode(value: string, system: string, code: string): boolean {
  return value === code || value === `${system}|${code}` || value === `|${code}`;
}

function byAct(
  values: readonly string[],
  wanted: Wanted,
  codingOf: (act: string) => { system?: string; code?: string },
): Result<Wanted> {
  const meant = (Object.keys(acts) as Act[]).filter((act) => {
    const { system = '', code = '' } = codingOf(act);
    return values.some((value) => isCode(value, system, code) || value === `${system}|`);
  });
  return ok({ ...wanted, acts: meant.filter((act) => wanted.acts?.includes(act) ?? true) });
}

/** Instants with the prefixes that tell a stretch of time; an entry's own time is an instant, so no other can differ. */
function dates(values: readonly string[], wanted: Wanted): Result<Wanted> {
  const [, prefix = 'eq', text = ''] = /^(eq|ge|gt|le|lt|sa|eb)?(\d.*)$/.exec(values[0] ?? '') ?? [];
  const range = dateRange(text);
  if (!range || values.length > 1)
    return wrong('date takes one date or instant, with eq, ge, gt, le, lt, sa or eb before it.');
  const from = { eq: range.start, ge: range.start, gt: range.end, sa: range.end }[prefix];
  const until = { eq: range.end, le: range.end, lt: range.start, eb: range.start }[prefix];
  const later = from !== undefined && (wanted.from === undefined || from > wanted.from) ? from : wanted.from;
  const earlier = until !== undefined && (wanted.until === undefined || until < wanted.until) ? until : wanted.until;
  return ok({
    ...wanted,
    ...(later !== undefined && { from: later }),
    ...(earlier !== undefined && { until: earlier }),
  });
}
