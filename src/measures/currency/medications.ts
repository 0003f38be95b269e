import { ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { SearchParam } from '../../fhir/search/query.ts';
import { seesAll, type Tx } from '../../store/types.ts';
import { ownersOf } from './owners.ts';
import { everything, toResource } from './slice.ts';

/** Records of a child that may name what was given as a Medication of its own. */
const prescriptions = ['MedicationRequest', 'MedicationAdministration', 'MedicationDispense', 'MedicationStatement'];

const medication: SearchParam = { code: 'medication', kind: 'reference', expression: '', targets: ['Medication'] };
/** Who writes a Medication and who writes what refers to it wait for each other, so that one of them sees both. */
export async function lockMedications(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await tx.lock(...ids.map((id) => `measures Medication/${id}`));
}

/** The children who have a prescription that refers to this Medication. */
export async function childrenWith(tx: Tx, id: string): Promise<Result<string[]>> {
  const children = new Set<string>();
  const value = { kind: 'reference', type: 'Medication', id } as const;
  for (const type of prescriptions) {
    let cursor: string | undefined;
    do {
      const asked = everything(type, cursor, limits.search.maxCount);
      const page = await tx.search(
        { ...asked, filters: [{ kind: 'filter', param: medication, values: [value] }] },
        seesAll,
      );
      if (!page.ok) return page;
      for (const { json } of page.value.matches) for (const child of ownersOf(toResource(json))) children.add(child);
      cursor = page.value.next;
    } while (cursor !== undefined);
  }
  return ok([...children]);
}
