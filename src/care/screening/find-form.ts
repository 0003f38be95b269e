import { ok, type Result } from '../../base/errors.ts';
import { plain } from '../../fhir/json.ts';
import { ofType } from '../../fhir/of-type.ts';
import { splitCanonical } from '../../fhir/references.ts';
import type { r4 } from '../../fhir/types.ts';
import { type Reader, seesAll } from '../../store/types.ts';
import { foundBy, where } from '../found.ts';

/** More versions of one form are not looked at. */
const versions = 50;

/**
 * The form of a canonical: that version, or else the newest that is not retired. Undefined when it is not kept here. Forms are nobody's
 * record: they are found whoever asks.
 */
export async function findForm(
  reader: Reader,
  canonical: string | undefined,
): Promise<Result<r4.Questionnaire | undefined>> {
  const { url, version } = splitCanonical(canonical?.split('#')[0] ?? '');
  if (url === '') return ok(undefined);
  const asked = where('Questionnaire', 'url', 'uri', { kind: 'uri', uri: url });
  const found = await foundBy(reader, { type: 'Questionnaire', filters: [asked], count: versions }, seesAll);
  if (!found.ok) return found;
  const forms = ofType(found.value.resources, 'Questionnaire').map((form) => plain(form));
  if (version !== undefined) return ok(forms.find((form) => form.version === version));
  const current = forms.filter(({ status }) => status !== 'retired');
  return ok((current.length > 0 ? current : forms).sort(newestFirst)[0]);
}

function newestFirst(left: r4.Questionnaire, right: r4.Questionnaire): number {
  return (right.version ?? '').localeCompare(left.version ?? '', 'en', { numeric: true });
}
