import { parseArgs } from 'node:util';
import type { AuditTrail } from '../access/audit/trail.ts';
import { fail, ok, type Result } from '../base/errors.ts';
import type { Command, CommandInput } from '../module.ts';

/** What a command has been told. */
export type CommandWords = Pick<CommandInput, 'arguments' | 'text' | 'flag' | 'list'>;

/** Of a command what its words are read by. */
type Words = Pick<Command, 'name' | 'takes' | 'options'>;

/** The command that the words name, and the words left for it. */
export function findCommand<One extends Pick<Command, 'name'>>(
  commands: readonly One[],
  words: readonly string[],
): { command: One; rest: string[] } | undefined {
  for (const count of [3, 2, 1]) {
    const name = words.slice(0, count).join(' ');
    const command = words.length >= count ? commands.find((one) => one.name === name) : undefined;
    if (command) return { command, rest: words.slice(count) };
  }
  return undefined;
}

/** Reads a command's options and arguments; anything unknown or missing is one sentence. */
export function readInput<House extends object>(
  command: Words,
  words: readonly string[],
  house: House,
): Result<House & CommandWords> {
  const options = Object.fromEntries(
    Object.entries(command.options ?? {}).map(([name, option]) => [
      name,
      { type: option.kind === 'flag' ? ('boolean' as const) : ('string' as const), multiple: option.kind === 'list' },
    ]),
  );
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (fault) {
    return fail('invalid', `${firstSentence(fault)}. Usage: ${usage(command)}`);
  }
  const takes = command.takes ?? [];
  if (parsed.positionals.length !== takes.length) return fail('invalid', `Usage: ${usage(command)}`);
  for (const [name, option] of Object.entries(command.options ?? {})) {
    if (option.required && parsed.values[name] === undefined)
      return fail('invalid', `--${name} is missing. Usage: ${usage(command)}`);
  }
  const values = parsed.values;
  return ok({
    ...house,
    arguments: Object.fromEntries(takes.map((name, index) => [name, parsed.positionals[index] ?? ''])),
    text: (name) => (typeof values[name] === 'string' ? values[name] : undefined),
    flag: (name) => values[name] === true,
    list: (name) => (Array.isArray(values[name]) ? values[name].map(String) : []),
  });
}

/** Runs a command; one that administers only once the audit trail holds that. */
export async function runCommand(command: Command, input: CommandInput, trail: AuditTrail): Promise<Result<void>> {
  if (command.administers) {
    const { client_id: client } = input.arguments;
    const told = await trail.record({
      act: 'administration',
      outcome: 'success',
      who: { client: 'command-line' },
      detail: client !== undefined && /^[\w.-]{1,128}$/.test(client) ? `${command.name} ${client}` : command.name,
    });
    if (!told.ok) return told;
  }
  return command.run(input);
}

/** Of what parseArgs says of the options only the first sentence: the rest is advice for programmers. */
function firstSentence(fault: unknown): string {
  const message = typeof fault === 'object' && fault !== null && 'message' in fault ? String(fault.message) : '';
  return message.split(/\. |\.?$/)[0] || 'The options are wrong';
}

/** How a command is called, e.g. `careweave sync run <site>`. */
export function usage(command: Words): string {
  const options = Object.entries(command.options ?? {}).map(([name, option]) => {
    const shown = option.kind === 'flag' ? `--${name}` : `--${name} …`;
    return option.required ? shown : `[${shown}]`;
  });
  return ['careweave', command.name, ...(command.takes ?? []).map((name) => `<${name}>`), ...options].join(' ');
}

/** The list of commands that `careweave help` prints. */
export function helpText(commands: readonly (Words & Pick<Command, 'summary'>)[]): string {
  const lines = commands.flatMap((command) => {
    const options = Object.entries(command.options ?? {}).map(([name, option]) => `      --${name}  ${option.help}`);
    return [`  ${usage(command)}`, `      ${command.summary}`, ...options];
  });
  return ['Usage: npm run careweave -- <command> [options]', '', ...lines].join('\n');
}
