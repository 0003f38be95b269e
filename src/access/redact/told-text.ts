import { parseJson, stringifyJson } from '../../fhir/json.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import type { Redaction } from '../types.ts';
import { type AnswerTelling, redactBody } from './answer.ts';
import { plainTargets, type TakenOut, takenOutBy, withoutVersion } from './plain-record.ts';
import { type Targets, targetsIn } from './references.ts';

/** Where the texts of stored records stand in that of an answer, in order; what stands between them is told to everybody. */
export interface Places {
  /** The whole text: of another one they say nothing. */
  of: string;
  records: readonly { from: number; to: number }[];
}

/** The text of an answer with each of its records as it is told: what nothing is taken out of is not read. */
export interface ToldText {
  /** What must be known of before it is told. */
  targets: ReadonlySet<string>;
  told(how: Omit<AnswerTelling, 'redaction' | 'baseUrl'>): string;
}

type Piece = { text: string; targets: readonly string[] } | { body: unknown } | string;

const takenOut = new WeakMap<Redaction, { by: TakenOut | undefined }>();
const oneRecord = /^\{"resourceType":"(?!Bundle"|Parameters")/;

/** Undefined where the records of a text are not known, or each of them has to be read anyway. */
export function toldText(
  json: string,
  places: Places | undefined,
  { redaction, baseUrl }: Pick<AnswerTelling, 'redaction' | 'baseUrl'>,
): ToldText | undefined {
  const { by: taken } = takenOut.get(redaction) ?? { by: takenOutBy(redaction) };
  takenOut.set(redaction, { by: taken });
  const records =
    places?.of === json ? places.records : oneRecord.test(json) ? [{ from: 0, to: json.length }] : undefined;
  if (!taken || !records) return undefined;
  const pieces: Piece[] = [];
  let done = 0;
  for (const { from, to } of records) {
    const text = json.slice(from, to);
    const targets = plainTargets(text, taken, baseUrl);
    pieces.push(json.slice(done, from), targets ? { text, targets } : { body: parseJson(text) });
    done = to;
  }
  pieces.push(json.slice(done));
  const named = pieces.flatMap((piece) => {
    if (typeof piece === 'string') return [];
    return 'text' in piece ? piece.targets : [...targetsIn(withoutRemoved(piece.body, taken), baseUrl)];
  });
  return {
    targets: new Set(named),
    told: (how) => pieces.map((piece) => toldPiece(piece, { ...how, redaction, baseUrl }, taken)).join(''),
  };
}

function toldPiece(piece: Piece, how: AnswerTelling, taken: TakenOut): string {
  if (typeof piece === 'string') return piece;
  if ('body' in piece) return stringifyJson(redactBody(piece.body, how));
  if (isAllSeen(piece.targets, how.targets)) return taken.versions ? withoutVersion(piece.text) : piece.text;
  return stringifyJson(redactBody(parseJson(piece.text), how));
}

function isAllSeen(targets: readonly string[], { seen }: Targets): boolean {
  return targets.every((target) => seen.has(target));
}

/** A record without what is removed from it whatever it says. What is not asked is not seen. */
function withoutRemoved(body: unknown, taken: TakenOut): unknown {
  if (!isObject(body)) return body;
  const removed = taken.byAll(String(body.resourceType));
  return Object.entries(body).flatMap(([name, value]) => (removed.has(name) ? [] : [value]));
}
