import { dateRange } from '../date-range.ts';
import { narrativeProblem } from './narrative.ts';

type Check = (value: string) => boolean;

const matches =
  (pattern: RegExp): Check =>
  (value) =>
    pattern.test(value);
// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are what FHIR forbids in a string
const isText: Check = (value) => value.trim() !== '' && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(value);
// On text of any length only a search for what does not belong: a repetition that may be taken back takes room for each character.
const isBase64: Check = (value) => {
  const digits = value.replace(/\s+/g, '').replace(/={1,2}$/, '');
  return digits.length >= 2 && !/[^A-Za-z0-9+/]/.test(digits);
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: a code is a string, which has none of these
const isCode: Check = (value) => value !== '' && !/^ | $|[^\S ]| {2}|[\u0000-\u001f]/.test(value);
const oidMax = 1024;
const oidSyntax = /^urn:oid:[0-2](\.(0|[1-9]\d*))+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 3986 knows no control characters
const isUri: Check = (value) => value !== '' && !/[\s\u0000-\u001f]/.test(value);
const time = String.raw`T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))`;
const dateSyntax = /^\d{4}(-\d\d(-\d\d)?)?$/;
const dateTimeSyntax = new RegExp(String.raw`^\d{4}(-\d\d(-\d\d(${time})?)?)?$`);
const instantSyntax = new RegExp(String.raw`^\d{4}-\d\d-\d\d${time}$`);

/** Primitives that JSON writes as strings (FHIR R4, datatypes.html#primitive). */
const stringTypes: Readonly<Record<string, Check>> = {
  base64Binary: isBase64,
  canonical: isUri,
  code: isCode,
  date: (value) => dateSyntax.test(value) && dateRange(value) !== undefined,
  dateTime: (value) => dateTimeSyntax.test(value) && dateRange(value) !== undefined,
  id: matches(/^[A-Za-z0-9\-.]{1,64}$/),
  instant: (value) => instantSyntax.test(value) && dateRange(value) !== undefined,
  markdown: isText,
  oid: (value) => value.length <= oidMax && oidSyntax.test(value),
  string: isText,
  time: matches(/^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?$/),
  uri: isUri,
  url: isUri,
  uuid: matches(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i),
  xhtml: isText,
};

const smallest: Readonly<Record<string, number>> = { integer: -(2 ** 31), unsignedInt: 0, positiveInt: 1 };

/** What is wrong with a primitive value of the type, as a sentence that does not quote it; undefined when nothing is. */
export function primitiveProblem(type: string, value: unknown): string | undefined {
  if (type === 'boolean') return typeof value === 'boolean' ? undefined : wrongKind(type, value);
  if (type === 'decimal')
    return typeof value === 'number' && Number.isFinite(value) ? undefined : wrongKind(type, value);
  const least = smallest[type];
  if (least !== undefined) {
    if (typeof value !== 'number') return wrongKind(type, value);
    const isInside = Number.isInteger(value) && value >= least && value <= 2 ** 31 - 1;
    return isInside ? undefined : `This is no ${type}: a whole number from ${least} to 2147483647.`;
  }
  if (typeof value !== 'string') return wrongKind(type, value);
  if (type === 'xhtml') return narrativeProblem(value);
  return (stringTypes[type] ?? isText)(value) ? undefined : `This is no valid ${type}.`;
}

function wrongKind(type: string, value: unknown): string {
  const kind = Array.isArray(value) ? 'list' : typeof value;
  return `A ${type} was expected, not a JSON ${kind}.`;
}
