import { fail, ok, type Result } from '../../base/errors.ts';
import type { Command, CommandInput } from '../../module.ts';
import type { Reader } from '../../store/types.ts';
import { parsePeriod } from '../period.ts';
import { addUp } from '../report/add-up.ts';
import { checkCoreSet, problemText } from '../report/core-set/checks.ts';
import { coreSetCsv } from '../report/core-set/csv.ts';
import { coreSetRows } from '../report/core-set/rows.ts';
import type { ReadyMeasure } from '../types.ts';
import type { MeasureRoom } from './room.ts';

interface ExportRoom extends Pick<MeasureRoom, 'measures' | 'find' | 'currency'> {
  /** Takes over the measures that were posted to running servers. */
  look(reader: Reader): Promise<void>;
}

/** `measures export`: the worksheet for the Child Core Set on standard output, what is wrong with it on standard error. */
export function exportCommand(room: ExportRoom): Command {
  return {
    name: 'measures export',
    summary: 'Prints numerators, denominators and rates as CSV for the Child Core Set reporting application.',
    options: {
      format: { kind: 'text', help: 'core-set-csv', required: true },
      period: { kind: 'text', help: 'the measurement period, such as 2026 or 2026-07', required: true },
      measure: { kind: 'list', help: 'a measure by id or URL; all of them unless given' },
      'data-source': { kind: 'text', help: 'e.g. "Electronic Health Records"' },
      'delivery-system': { kind: 'text', help: 'e.g. "Managed Care"' },
      population: { kind: 'text', help: 'who was counted, in words' },
      deviations: { kind: 'text', help: 'what was done otherwise than specified, in words' },
      anyway: { kind: 'flag', help: 'print it also when the reporting application would refuse it' },
    },
    run: (input) => exportCoreSet(room, input),
  };
}

async function exportCoreSet(
  { measures, find, currency, look }: ExportRoom,
  input: CommandInput,
): Promise<Result<void>> {
  const { text, list, flag, print, progress, store } = input;
  if (text('format') !== 'core-set-csv') return fail('invalid', '--format has to be core-set-csv.');
  const period = parsePeriod(text('period'), text('period'));
  if (!period.ok) return fail('invalid', '--period has to be a year, a month or a day, such as 2026.');
  await look(store);
  const chosen: ReadyMeasure[] = [];
  for (const name of list('measure')) {
    const found = find(name);
    if (!found.ok) return found;
    chosen.push(found.value);
  }
  const rows = [];
  for (const measure of chosen.length > 0 ? chosen : measures()) {
    progress(measure.name);
    const found = await currency.populationAnswers(store, { measure, period: period.value });
    if (found.failed > 0)
      progress(`${measure.name}: ${found.failed} children could not be evaluated and are not counted`);
    rows.push(...coreSetRows(measure, addUp(measure, found.answers)));
  }
  const head = {
    ...period.value,
    dataSource: text('data-source'),
    deliverySystem: text('delivery-system'),
    population: text('population'),
    deviations: text('deviations'),
  };
  const problems = checkCoreSet(rows, head);
  for (const problem of problems) progress(problemText(problem));
  if (problems.length > 0 && !flag('anyway')) {
    return fail(
      'unprocessable',
      `The reporting application would refuse this: ${problems.length} problems are listed above.`,
    );
  }
  for (const line of coreSetCsv(rows, head, problems).trimEnd().split('\r\n')) print(line);
  return ok(undefined);
}
