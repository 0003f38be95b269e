import { createReadStream } from 'node:fs';
import { limits } from '../../base/limits.ts';

/** Why a file cannot be loaded, in words for whoever runs the command. */
export class BrokenFile extends Error {
  constructor(reason: string, line?: number) {
    super(line === undefined ? reason : `Line ${line}: ${reason}`);
  }
}

/** A file's text piece by piece: UTF-8, or UTF-16 little-endian with a byte order mark. Throws BrokenFile for other bytes. */
export async function* textOf(file: string): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  for await (const chunk of createReadStream(file)) {
    const bytes: Buffer = chunk;
    decoder ??= new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8', { fatal: true });
    yield decoded(decoder, bytes);
  }
  if (decoder) yield decoded(decoder);
}

function decoded(decoder: TextDecoder, bytes?: Buffer): string {
  try {
    return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
  } catch {
    throw new BrokenFile('The file is neither UTF-8 nor UTF-16 text.');
  }
}

/** The lines of a text with their numbers, empty ones left out. Throws BrokenFile for a line past the bound. */
export async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<{ line: string; number: number }> {
  let rest = '';
  let number = 0;
  for await (const piece of text) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > limits.terminology.loadLine) throw new BrokenFile('the line is too long.', number + 1);
    for (const line of lines) {
      number += 1;
      if (line.trim() !== '') yield { line: line.replace(/\r$/, ''), number };
    }
  }
  if (rest.trim() !== '') yield { line: rest.replace(/\r$/, ''), number: number + 1 };
}
