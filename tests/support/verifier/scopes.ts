import type { Principal } from '../../../src/access/types.ts';
import { type Compartments, whose } from './compartments.ts';
import { codingsIn, type Json } from './json.ts';

const elementOf: Record<string, string> = { 'clinical-status': 'clinicalStatus', _tag: 'meta', _security: 'meta' };

/** Why the token's scopes cannot have let this record out; undefined when they can. */
export function beyondScopes(principal: Principal, record: Json, compartments: Compartments): string | undefined {
  const { scopes, patientId = '', fhirUser = '', kind } = principal;
  const covering = scopes.filter((scope) => {
    if (scope.type !== '*' && scope.type !== record.resourceType) return false;
    if (scope.level === 'system') return kind !== 'user';
    if (scope.level === 'user') return kind === 'user' && fhirUser !== '';
    return patientId !== '' && whose(record, new Set([patientId]), compartments) !== 'other';
  });
  if (covering.length === 0) return 'no scope of the token reaches it';
  const fits = covering.some(({ having = [] }) =>
    having.every(({ param, anyOf }) => {
      const value = record[elementOf[param] ?? param];
      // Of elements that are not read here nothing is said.
      if (value === undefined && !['category', 'code', 'status', 'clinical-status'].includes(param)) return true;
      const codes = typeof value === 'string' ? [value] : codingsIn(value);
      return anyOf.some(({ code }) => codes.some((one) => one === code || one.endsWith(`|${code}`)));
    }),
  );
  return fits ? undefined : 'no granular scope of the token fits it';
}
