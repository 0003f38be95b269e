import { describe, expect, test } from '@jest/globals';
import type { Command, CommandInput } from '../../src/module.ts';
import { findCommand, helpText, readInput, usage } from '../../src/ops/command-line.ts';

const run = async () => ({ ok: true as const, value: undefined });
const commands: Command[] = [
  { name: 'doctor', summary: 'Says how it is.', run },
  {
    name: 'site add',
    summary: 'Adds a site.',
    takes: ['id'],
    options: {
      name: { kind: 'text', help: 'its name', required: true },
      scope: { kind: 'list', help: 'a scope' },
      paused: { kind: 'flag', help: 'not yet' },
    },
    run,
  },
];
const house = {} as CommandInput;

/** What the words come to: the reading of the command they name, or the sentence that refuses them. */
function read(...words: string[]) {
  const found = findCommand(commands, words);
  if (!found) return 'no such command';
  const input = readInput(found.command, found.rest, house);
  if (!input.ok) return input.error.issues.map(({ text }) => text).join('\n');
  const { text, flag, list } = input.value;
  return { arguments: input.value.arguments, name: text('name'), paused: flag('paused'), scope: list('scope') };
}

describe('refused, in one line that shows how it is done', () => {
  const shown = 'Usage: careweave site add <id> --name … [--scope …] [--paused]';
  test.each([
    [['site', 'remove'], 'no such command'],
    [[], 'no such command'],
    [['site', 'add', 'lakeside'], `--name is missing. ${shown}`],
    [['site', 'add', '--name', 'Lakeside'], shown],
    [['site', 'add', 'lakeside', 'summit', '--name', 'Lakeside'], shown],
    [['site', 'add', 'lakeside', '--name', 'L', '--colour', 'red'], `Unknown option '--colour'. ${shown}`],
    [['site', 'add', 'lakeside', '--name'], `Option '--name <value>' argument missing. ${shown}`],
    [
      ['site', 'add', 'lakeside', '--name', 'L', '--paused=yes'],
      `Option '--paused' does not take an argument. ${shown}`,
    ],
    [['doctor', 'now'], 'Usage: careweave doctor'],
  ])('%j', (words, text) => {
    expect(read(...words)).toBe(text);
  });
});

test('options and words are read wherever they stand', () => {
  expect(read('site', 'add', '--scope', 'a', 'lakeside', '--paused', '--scope=b', '--name', 'L')).toEqual({
    arguments: { id: 'lakeside' },
    name: 'L',
    paused: true,
    scope: ['a', 'b'],
  });
  expect(read('doctor')).toEqual({ arguments: {}, name: undefined, paused: false, scope: [] });
});

test('help shows every command and every option', () => {
  const help = helpText(commands);
  for (const command of commands) expect(help).toContain(usage(command));
  for (const word of ['Adds a site.', '--paused  not yet']) expect(help).toContain(word);
});
