import type { Resource } from '../../fhir/types.ts';
import type { Actor } from '../../store/types.ts';
import { list } from './consent.ts';

/** Somebody of a family: a proxy, the young person, or the Person that stands for several of them. */
export function isOfFamily({ kind, id }: Pick<Actor, 'kind' | 'id'>): boolean {
  return kind === 'user' && !/^Practitioner(Role)?\//.test(id);
}

/** What of a Task a family or a partner writes anew; all else stays as it is. */
const replaced = ['status', 'businessStatus', 'statusReason', 'lastModified'] as const;

/**
 * A family or a partner is told a Task in part, so what it sends back is not the whole: only how it stands is taken from it, and what was added to the
 * notes and the output. The rest is that of the version before, whatever was left out or sent along.
 */
export function keepToldTask(before: Resource, after: Resource): Resource {
  const kept: Resource = { ...before };
  for (const name of replaced) {
    if (after[name] === undefined) delete kept[name];
    else kept[name] = after[name];
  }
  for (const name of ['note', 'output'] as const) {
    const [had, sent] = [list(before[name]), list(after[name])];
    const known = new Set(had.map((one) => said(one)));
    const added = sent.filter((one) => !known.has(said(one)));
    if (added.length > 0) kept[name] = [...had, ...added];
  }
  return kept;
}

/** Of what is shared with an organization a family changes only whether it still holds: it may not be told who else gave it. */
export function keepFamilyConsent(before: Resource, after: Resource): Resource {
  return { ...before, status: after.status };
}

/** Of a note the words alone: who wrote it may not have been told. */
function said(item: unknown): string {
  const text = typeof item === 'object' && item !== null && 'text' in item ? item.text : undefined;
  return JSON.stringify(text ?? item);
}
