import { limits } from '../../base/limits.ts';
import { BrokenFile } from './text-file.ts';

/**
 * The records of a CSV text (RFC 4180): quoted fields may hold commas, line ends and doubled quotes. Throws BrokenFile for a quote
 * that is never closed or stands inside a plain field, and for a record past the bound.
 */
export async function* recordsOf(text: AsyncIterable<string>): AsyncGenerator<{ fields: string[]; number: number }> {
  let fields: string[] = [];
  let field = '';
  let size = 0;
  let number = 1;
  // plain: outside of quotes; quoted: inside; closing: after a quote that ends the field or is the first of two.
  let state: 'plain' | 'quoted' | 'closing' = 'plain';
  for await (const piece of text) {
    for (const char of piece) {
      size += 1;
      if (size > limits.terminology.loadLine) throw new BrokenFile('the record is too long.', number);
      if (state === 'quoted') {
        if (char === '"') state = 'closing';
        else field += char;
        if (char === '\n') number += 1;
        continue;
      }
      if (char === '"') {
        if (state === 'closing') field += '"';
        else if (field !== '') throw new BrokenFile('a quote stands inside a field without quotes.', number);
        state = 'quoted';
      } else if (char === ',') {
        fields.push(field);
        field = '';
        state = 'plain';
      } else if (char === '\n') {
        fields.push(field);
        if (fields.length > 1 || field !== '') yield { fields, number };
        number += 1;
        fields = [];
        field = '';
        size = 0;
        state = 'plain';
      } else if (char !== '\r') {
        if (state === 'closing') throw new BrokenFile('text follows a closing quote.', number);
        field += char;
      }
    }
  }
  if (state === 'quoted') throw new BrokenFile('a quote is not closed.', number);
  if (fields.length > 0 || field !== '') yield { fields: [...fields, field], number };
}
