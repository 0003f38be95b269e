import { authorize } from '../access/decide.ts';
import type { Principal } from '../access/types.ts';
import { fail, ok, type Result } from '../base/errors.ts';
import { parseJsonStrict } from '../fhir/json.ts';
import { isObject } from '../fhir/search/walk-path.ts';
import type { Resource } from '../fhir/types.ts';
import type { Reader } from '../store/types.ts';
import type { Check } from '../terminology/conformance/check.ts';

/** Interactions that write; on any other the header says nothing. */
const writing: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'bundle']);

/**
 * The client's own Provenance for what it writes (FHIR R4, provenance.html#header): a Provenance in JSON without a target, which only
 * the server knows. Undefined without the header. Errors: `invalid` for what is no valid Provenance, `forbidden` without a scope to create
 * one.
 */
export async function provenanceOf(
  header: string | undefined,
  interaction: string,
  { principal, validate, store }: { principal: Principal; validate: Check; store: Reader },
): Promise<Result<Resource | undefined>> {
  if (header === undefined || !writing.has(interaction)) return ok(undefined);
  const allowed = authorize(principal, 'Provenance', 'c');
  if (!allowed.ok) return allowed;
  // HTTP hands over a header byte by byte; what is in these bytes is UTF-8.
  const parsed = parseJsonStrict(Buffer.from(header, 'latin1').toString('utf8'));
  if (!parsed.ok) return wrong('X-Provenance is no JSON.');
  const provenance = parsed.value;
  if (!isProvenance(provenance)) return wrong('X-Provenance takes a Provenance resource.');
  if (provenance.target !== undefined) return wrong('X-Provenance has no target: the server fills it in.');
  const whole = { ...provenance, target: [{ display: 'what this request writes' }] };
  const errors = (await validate(whole, { reader: store })).filter(
    ({ severity }) => severity !== 'warning' && severity !== 'information',
  );
  if (errors.length > 0) return { ok: false, error: { kind: 'invalid', issues: errors } };
  return ok(provenance);
}

const wrong = (text: string) => fail('invalid', text, { code: 'structure' });

function isProvenance(value: unknown): value is Resource {
  return isObject(value) && value.resourceType === 'Provenance';
}
