import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { dateRange } from '../../fhir/date-range.ts';
import type { Command, CommandInput } from '../../module.ts';
import { clockCommands } from './clock-behind.ts';
import { disclosuresOf } from './disclosures.ts';
import { pruneTrail } from './prune.ts';
import { createSealer, type Head } from './seal.ts';
import { verifyTrail } from './verify.ts';

/** `audit verify|prune|disclosures`, `clock accept`: see docs/audit.md. */
export function auditCommands(clock: Clock): Command[] {
  const sealing = ({ store, log }: CommandInput) => createSealer({ store, clock, log });
  return [
    ...clockCommands(),
    {
      name: 'audit verify',
      summary: 'Computes the chain of the audit trail again and names the first block that does not hold.',
      options: {
        head: { kind: 'text', help: 'number:hash of a block that was noted outside of the database' },
      },
      run: async (input) => {
        const anchor = headOf(input.text('head'));
        if (!anchor.ok) return anchor;
        const sealed = await sealing(input).seal();
        if (!sealed.ok) return sealed;
        const { broken, head, ...counts } = await verifyTrail(input.store, anchor.value);
        if (broken) return fail('conflict', `The audit trail does not hold at block ${broken.block}: ${broken.what}.`);
        input.print(JSON.stringify({ holds: true, ...counts, ...(head && { head: `${head.number}:${head.hash}` }) }));
        return ok(undefined);
      },
    },
    {
      name: 'audit prune',
      summary: 'Takes away the oldest blocks, which nobody has to keep any more; a checkpoint keeps the chain whole.',
      options: { before: { kind: 'text', help: 'a date: everything older may go', required: true } },
      run: async (input) => {
        const before = dateRange(input.text('before') ?? '')?.start;
        if (before === undefined) return fail('invalid', '--before takes a date, e.g. 2019-01-01.');
        const pruned = await pruneTrail(input.store, clock, new Date(before));
        if (!pruned.ok) return pruned;
        input.print(JSON.stringify({ pruned: pruned.value }));
        return ok(undefined);
      },
    },
    {
      name: 'audit disclosures',
      summary:
        'To whom what of a patient’s record was disclosed in the last six years: one line of JSON for each recipient.',
      options: { patient: { kind: 'text', help: 'id of the Patient', required: true } },
      run: async (input) => {
        const sealed = await sealing(input).seal();
        if (!sealed.ok) return sealed;
        for (const one of await disclosuresOf(input.store, input.text('patient') ?? '', clock.now()))
          input.print(JSON.stringify(one));
        return ok(undefined);
      },
    },
  ];
}

function headOf(text: string | undefined): Result<Head | undefined> {
  if (text === undefined) return ok(undefined);
  const [, number, hash] = /^(\d{1,18}):([0-9a-f]{64})$/.exec(text) ?? [];
  return number !== undefined && hash !== undefined
    ? ok({ number, hash })
    : fail('invalid', '--head takes number:hash, as audit verify prints it.');
}
