import { fail, ok, type Result } from '../base/errors.ts';
import type { Reader } from '../store/types.ts';
import { evaluate } from './compose/evaluate.ts';
import type { Libraries } from './library.ts';

/** A code with its system. */
export interface Code {
  system: string;
  code: string;
}

/** What a search asks the terminology. Errors say why something cannot be answered exactly; never a value. */
export interface Terms {
  /** All members of a value set: by canonical URL (version included), or by the id of a ValueSet here. */
  members(reader: Reader, valueSet: { canonical?: string; id?: string }): Promise<Result<Code[]>>;
  /** The code and all that it subsumes (`below`) or is subsumed by (`above`). */
  related(reader: Reader, of: Code, direction: 'above' | 'below'): Promise<Result<Code[]>>;
}

export function createTerms({ libraryOf, valueSetById }: Pick<Libraries, 'libraryOf' | 'valueSetById'>): Terms {
  return {
    async members(reader, { canonical, id }) {
      const library = libraryOf(reader);
      const [url = '', version] = canonical?.split('|') ?? [];
      const found = id === undefined ? await library.valueSet(url, version) : await valueSetById(reader, id);
      if (!found) return fail('not-found', 'The value set is not here.');
      return evaluate(found, library, { words: [], activeOnly: false });
    },
    async related(reader, { system, code }, direction) {
      const found = await libraryOf(reader).system(system);
      if (!found) return fail('not-found', 'The code system is not loaded.');
      if ((await found.find([code])).length === 0) return fail('not-found', 'The code system does not have the code.');
      if (!found.complete) {
        return fail('unprocessable', 'Only a part of the code system is here.', { code: 'not-supported' });
      }
      const op = direction === 'below' ? 'is-a' : 'generalizes';
      const filters = [{ property: 'code', op, values: [code] } as const];
      const concepts = await found.select({ filters, words: [], activeOnly: false });
      return concepts.ok ? ok(concepts.value.map((concept) => ({ system, code: concept.code }))) : concepts;
    },
  };
}
