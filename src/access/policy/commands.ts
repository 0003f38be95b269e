import { readFileSync, statSync } from 'node:fs';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Command } from '../../module.ts';
import { keepClosing, labelled } from './candidates.ts';
import { type CurrentPolicy, keepPolicy } from './current.ts';
import type { PolicyDocument, PolicyReader } from './document.ts';
import { queueRelabel } from './relabel.ts';
import { addRole, listRoles, removeRole } from './roles.ts';
import { rulesOf } from './rules.ts';

interface Deps {
  reader: PolicyReader;
  policy: CurrentPolicy;
}

/** `policy load|check|show` and `role add|remove|list`. */
export function privacyCommands(deps: Deps): Command[] {
  return [...policyCommands(deps), ...roleCommands()];
}

function policyCommands({ reader, policy }: Deps): Command[] {
  return [
    {
      name: 'policy load',
      administers: true,
      summary:
        'Checks a privacy policy and puts it in force from its day on. A running server follows within two seconds.',
      takes: ['file'],
      options: {
        closing: {
          kind: 'text',
          help: 'outside or everybody: nothing is told to families and partners, or to anybody but system clients, until every record has been looked at by its rules',
        },
      },
      run: async ({ arguments: given, text, store, clock, print }) => {
        const read = policyIn(given.file ?? '', reader);
        if (!read.ok) return read;
        const closing = text('closing');
        if (closing !== undefined && closing !== 'outside' && closing !== 'everybody')
          return fail('invalid', '--closing is outside or everybody.');
        // First: at no moment is it coming and not yet closed.
        if (closing !== undefined) await keepClosing(store, read.value.version, closing);
        const kept = await keepPolicy(store, read.value);
        if (!kept.ok) return kept;
        policy.forget();
        const queued = await queueRelabel(store, read.value, clock.now());
        if (!queued.ok) return queued;
        const { version, effective } = read.value;
        const loaded = kept.value === 'same' ? 'was loaded before' : 'is loaded';
        const follows = rulesOf(read.value) === (await labelled(store))?.rules;
        const when = follows ? '' : ', as soon as every record has been looked at by its rules (policy status)';
        print(`Policy ${version} ${loaded}; it holds from ${effective}${when}.`);
        return ok(undefined);
      },
    },
    {
      name: 'policy check',
      summary: 'Says whether a privacy policy is well-formed and does not contradict itself; changes nothing.',
      takes: ['file'],
      run: async ({ arguments: given, print }) => {
        const read = policyIn(given.file ?? '', reader);
        if (!read.ok) return read;
        print(`Policy ${read.value.version} can be loaded.`);
        return ok(undefined);
      },
    },
    {
      name: 'policy status',
      summary:
        'Says which privacy policy is followed, and which one waits until all records are looked at by its rules.',
      run: async ({ print }) => {
        policy.forget();
        const inForce = await policy.get();
        print(`in force\t${inForce?.version ?? 'none: nobody but system clients sees anything'}`);
        print(`coming\t${policy.coming()?.version ?? 'none'}`);
        const closedTo = policy.closedTo();
        if (closedTo) print(`closed to\t${closedTo}, until then`);
        return ok(undefined);
      },
    },
    {
      name: 'policy show',
      summary: 'Prints the privacy policy in force, as it was loaded.',
      run: async ({ print }) => {
        const current = await policy.get();
        if (!current)
          return fail('not-found', 'There is no policy that can be followed: nobody but system clients sees anything.');
        print(JSON.stringify(current.document, null, 2));
        return ok(undefined);
      },
    },
  ];
}

function policyIn(file: string, reader: PolicyReader): Result<PolicyDocument> {
  let value: unknown;
  try {
    if (statSync(file).size > limits.access.policyBytes)
      return fail('too-large', 'The file is too large for a policy.');
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return fail('invalid', 'The file cannot be read, or is not JSON.');
  }
  return reader.check(value);
}

function roleCommands(): Command[] {
  return [
    {
      name: 'role add',
      administers: true,
      summary: 'Gives a practitioner a role: privacy-officer, administrator or break-glass.',
      takes: ['practitioner', 'role'],
      run: ({ arguments: given, store }) => addRole(store, given.practitioner ?? '', given.role ?? ''),
    },
    {
      name: 'role remove',
      administers: true,
      summary: 'Takes a role from a practitioner; what it opened is closed within two seconds.',
      takes: ['practitioner', 'role'],
      run: ({ arguments: given, store }) => removeRole(store, given.practitioner ?? '', given.role ?? ''),
    },
    {
      name: 'role list',
      summary: 'Lists who has which role.',
      run: async ({ store, print }) => {
        for (const { fhir_user, role } of await listRoles(store)) print(`${fhir_user}\t${role}`);
        return ok(undefined);
      },
    },
  ];
}
