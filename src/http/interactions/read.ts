import { authorize } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import type { Reader, Stored, Visibility } from '../../store/types.ts';
import type { Interaction } from '../fhir-request.ts';
import { etagOf, versionResponse } from '../versions.ts';

/** `GET [base]/[type]/[id]`. What the caller may not see is answered exactly like what never was. */
export const read: Interaction = async (request, context) => {
  const { type = '', id = '' } = request;
  const visible = authorize(context.principal, type, 'r');
  if (!visible.ok) return visible;
  const current = await readVisible(context.store, visible.value, type, id);
  if (!current.ok) return current;
  if (request.ifNoneMatch?.split(',').some((tag) => tag.trim() === etagOf(current.value))) {
    return ok({ status: 304, etag: etagOf(current.value), lastModified: current.value.lastUpdated });
  }
  return ok(versionResponse(current.value, 200));
};

/** The current version when the visibility allows it: `not-found` when absent or hidden, `gone` when deleted. */
export async function readVisible(
  reader: Reader,
  visible: Visibility,
  type: string,
  id: string,
): Promise<Result<Stored>> {
  const stored = await reader.read(type, id);
  if (!stored || !(await reader.sees(visible, stored))) return notFound(type);
  if (stored.deleted) return fail('gone', `This ${type} was deleted.`);
  return ok(stored);
}

export function notFound(type: string) {
  return fail('not-found', `There is no such ${type}.`);
}
