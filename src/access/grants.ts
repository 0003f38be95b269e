import type { Grant } from '../store/types.ts';

/** What both grants show; undefined where they have no type or no patient in common. */
export function both(one: Grant, other: Grant): Grant | undefined {
  const types = bothTypes(one.types, other.types);
  const patients = bothPatients(one.patients, other.patients);
  if ((types !== 'any' && types.size === 0) || patients?.length === 0) return undefined;
  const except = [...new Set([...(one.except ?? []), ...(other.except ?? [])])];
  const having = [...(one.having ?? []), ...(other.having ?? [])];
  const hides = (one.hides ?? 0n) | (other.hides ?? 0n);
  return {
    types,
    ...(patients && { patients }),
    ...(except.length > 0 && { except }),
    ...(having.length > 0 && { having }),
    ...(hides !== 0n && { hides }),
  };
}

function bothTypes(one: Grant['types'], other: Grant['types']): Grant['types'] {
  if (one === 'any') return other;
  return other === 'any' ? one : new Set([...one].filter((type) => other.has(type)));
}

function bothPatients(one: Grant['patients'], other: Grant['patients']): Grant['patients'] {
  if (one === undefined) return other;
  return other === undefined ? one : one.filter((patient) => other.includes(patient));
}
