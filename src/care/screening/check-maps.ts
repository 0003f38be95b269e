import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Command, CommandInput } from '../../module.ts';
import { type Reader, seesAll } from '../../store/types.ts';
import { foundBy } from '../found.ts';
import { currentOf } from '../stored.ts';
import { codeProblems, fiscalYear, targetCodes } from './code-validity.ts';

/**
 * `careweave maps check [--year 2026]`: every ICD-10-CM code that a stored concept map leads to, or that a form writes, may be billed in the
 * fiscal year (that of today). Fails when one may not, so that a nightly run tells of a split code before a claim comes back.
 */
export const checkMapsCommand: Command = {
  name: 'maps check',
  summary: 'hold the ICD-10-CM codes of concept maps and forms against the table of validity',
  options: { year: { kind: 'text', help: 'the fiscal year, e.g. 2026; absent: the one of today' } },
  run,
};

async function run(input: CommandInput): Promise<Result<void>> {
  const asked = input.text('year');
  if (asked !== undefined && !/^20\d\d$/.test(asked)) return fail('invalid', '--year has to be a year, e.g. 2026.');
  const year = asked === undefined ? fiscalYear(input.clock.now()) : Number(asked);
  const table = currentOf(await input.store.read('CodeSystem', 'icd-10-cm-social-validity'));
  if (!isOfType(table, 'CodeSystem') || table.url !== `${canonicalBase}/CodeSystem/icd-10-cm-social-validity`)
    return fail('not-found', 'The table of validity is not here.');
  let [looked, wrong] = [0, 0];
  for (const type of ['ConceptMap', 'Questionnaire']) {
    const all = await everyOne(input.store, type);
    if (!all.ok) return all;
    for (const resource of all.value) {
      const codes = targetCodes(resource);
      looked += codes.length;
      for (const { code, severity, text } of codeProblems(codes, table, year)) {
        if (severity === 'error') wrong += 1;
        input.print(`${severity}\t${type}/${resource.id}\t${code === '' ? text : `${code} ${text}`}`);
      }
    }
  }
  input.print(`${looked} codes looked at for fiscal year ${year}, ${wrong} wrong`);
  return wrong === 0
    ? ok(undefined)
    : fail('unprocessable', `${wrong} codes may not be billed in fiscal year ${year}.`);
}

async function everyOne(reader: Reader, type: string): Promise<Result<Resource[]>> {
  const found: Resource[] = [];
  for (let cursor: string | undefined, page = 0; page < limits.care.queuePage; page += 1) {
    const more: Result<{ resources: Resource[]; next?: string }> = await foundBy(
      reader,
      { type, filters: [], count: limits.search.maxCount, ...(cursor !== undefined && { cursor }) },
      seesAll,
    );
    if (!more.ok) return more;
    found.push(...more.value.resources);
    cursor = more.value.next;
    if (cursor === undefined) return ok(found);
  }
  return fail('too-large', 'There are more of these than can be looked at.');
}
