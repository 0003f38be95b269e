import { authorize } from '../../access/decide.ts';
import { fail } from '../../base/errors.ts';
import type { Interaction } from '../fhir-request.ts';
import { notFound, viewResponse } from './read.ts';

/** `GET [base]/[type]/[id]/_history/[version]`. */
export const vread: Interaction = async (request, context) => {
  const { type = '', id = '', version = '' } = request;
  const visible = authorize(context.principal, type, 'r');
  if (!visible.ok) return visible;
  if (!/^[1-9]\d{0,8}$/.test(version)) return notFound(type);
  const stored = await context.store.readVersion(type, id, Number(version));
  if (!stored || !(await context.store.sees(visible.value, stored))) return notFound(type);
  if (stored.deleted) return fail('gone', `This version marks the deletion of the ${type}.`);
  return viewResponse(stored, request, context);
};
