import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { OperationParameters } from '../../module.ts';

export interface AskedDecision {
  text: string;
  /** `Type/id`. */
  owner: string;
  /** `YYYY-MM-DD`. */
  due: string;
  /** The line of the plan that it is about. */
  about?: string;
}

export interface AskedMeeting {
  appointmentId?: string;
  encounterId?: string;
  /** Instants. */
  start: string;
  end: string;
  /** `Type/id`: those whom an Encounter can name. */
  attendees: string[];
  agenda: string[];
  decisions: AskedDecision[];
}

const attendee = /^(Practitioner|PractitionerRole|RelatedPerson|Patient)\/[A-Za-z0-9.-]{1,64}$/;
const owner = /^(Practitioner|PractitionerRole|RelatedPerson|Patient|Organization|CareTeam)\/[A-Za-z0-9.-]{1,64}$/;
const reference = /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/;
const day = /^\d{4}-\d{2}-\d{2}$/;
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** What $close-meeting is asked, or what of it is missing: each decision by its number. `now`: when it ended, unless it is said. */
export function readMeeting(parameters: OperationParameters, now: Date): Result<AskedMeeting> {
  const attendees = [...new Set(parameters.texts('attendee'))];
  const agenda = parameters.texts('agenda').map((text) => text.trim());
  const given = parameters.parts?.('decision') ?? [];
  if (attendees.length === 0) return bad('A meeting names who was there, in attendee.', 'required');
  if (!attendees.every((one) => attendee.test(one)))
    return bad('attendee is a Practitioner, PractitionerRole, RelatedPerson or the Patient, as Type/id.');
  if (agenda.length === 0 || agenda.some((text) => text === '' || text.length > limits.care.wordsLength))
    return bad('A meeting says what was talked about, in agenda.', 'required');
  if (given.length === 0) return bad('A meeting ends in decisions: name at least one.', 'required');
  if ([attendees, agenda, given].some(({ length }) => length > limits.care.meetingLines))
    return bad(`A meeting has at most ${limits.care.meetingLines} attendees, points and decisions each.`);
  const times = readTimes(parameters, now);
  if (!times.ok) return times;
  const decisions: AskedDecision[] = [];
  for (const [at, one] of given.entries()) {
    const decision = readDecision(one, at + 1, times.value.end);
    if (!decision.ok) return decision;
    decisions.push(decision.value);
  }
  const appointmentId = idIn(parameters.text('appointment'), 'Appointment');
  const encounterId = idIn(parameters.text('encounter'), 'Encounter');
  if (parameters.text('appointment') !== undefined && appointmentId === undefined)
    return bad('appointment has to be an Appointment, as Appointment/id.');
  if (parameters.text('encounter') !== undefined && encounterId === undefined)
    return bad('encounter has to be an Encounter, as Encounter/id.');
  return ok({
    ...times.value,
    attendees,
    agenda,
    decisions,
    ...(appointmentId !== undefined && { appointmentId }),
    ...(encounterId !== undefined && { encounterId }),
  });
}

const bad = (text: string, code = 'value') => fail('invalid', text, { code });

function readTimes(parameters: OperationParameters, now: Date): Result<{ start: string; end: string }> {
  const end = parameters.text('end') ?? now.toISOString();
  const start = parameters.text('start') ?? end;
  if (!instant.test(start) || !instant.test(end) || Date.parse(start) > Date.parse(end))
    return bad('start and end are times with a zone, and start is not after end.');
  if (Date.parse(end) > now.getTime()) return bad('A meeting that has not ended yet cannot be closed.');
  return ok({ start, end });
}

function readDecision(given: OperationParameters, number: number, end: string): Result<AskedDecision> {
  const text = given.text('text')?.trim();
  const who = given.text('owner');
  const due = given.text('due');
  const about = given.text('about');
  const lacks = (what: string, code = 'required') => {
    const expression = [`Parameters.parameter.where(name = 'decision')[${number - 1}]`];
    return fail('unprocessable', `meeting-decision: Decision ${number} ${what}`, { code, expression });
  };
  if (!text || text.length > limits.care.wordsLength) return lacks('does not say what was decided, in text.');
  if (who === undefined) return lacks('has no owner. Name who does it.');
  if (!owner.test(who)) return lacks('has an owner who is no person, team or organization.', 'value');
  if (due === undefined) return lacks('has no day until when (due).');
  if (!day.test(due) || Number.isNaN(Date.parse(due))) return lacks('has a due that is no date.', 'value');
  if (due < end.slice(0, 10)) return lacks('is due before the meeting was over.', 'value');
  if (about !== undefined && !reference.test(about)) return lacks('is about something that is no reference.', 'value');
  return ok({ text, owner: who, due, ...(about !== undefined && { about }) });
}

function idIn(text: string | undefined, type: string): string | undefined {
  const [named, id, ...rest] = (text ?? '').split('/');
  return named === type && rest.length === 0 && /^[A-Za-z0-9.-]{1,64}$/.test(id ?? '') ? id : undefined;
}
