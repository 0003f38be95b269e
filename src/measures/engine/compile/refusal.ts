import type { Place } from './types.ts';

/** Logic that cannot be compiled. Thrown inside of the compiler only: `compileLogic` returns it as an error. */
export class Refusal extends Error {
  constructor(text: string, place?: Place, locator?: string, cause?: unknown) {
    const where = place ? `Library ${place.library}, expression "${place.expression}"` : '';
    const line = locator ? ` (CQL ${locator})` : '';
    super(where ? `${where}${line}: ${text}` : text, cause === undefined ? undefined : { cause });
    this.name = 'Refusal';
  }
}
