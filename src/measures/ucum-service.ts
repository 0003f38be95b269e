import { createRequire } from 'node:module';
import { createUcumService } from '@cqframework/cql/cql-to-elm';

/** What we use of ucum-lhc. */
interface Ucum {
  validateUnitString(code: string): { status: string; msg?: readonly string[] };
}

/** What the translator asks about units: whether a code is UCUM. It computes nothing with them. */
export function createUnitCheck(): ReturnType<typeof createUcumService> {
  let ucum: Ucum | undefined;
  const validate = (code: string): string | null => {
    // A CommonJS package that builds its tables when it is loaded, so it is loaded with the first unit.
    ucum ??= createRequire(import.meta.url)('@lhncbc/ucum-lhc').UcumLhcUtils.getInstance() as Ucum;
    return ucum.validateUnitString(code).status === 'valid' ? null : `'${code}' is not a UCUM unit.`;
  };
  return createUcumService(noArithmetic, validate, noArithmetic, noArithmetic);
}

function noArithmetic(): never {
  throw new Error('the translator computes nothing with units');
}
