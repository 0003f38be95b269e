import { ok, type Result } from '../../base/errors.ts';
import { childOf } from '../../care/child.ts';
import { isResource } from '../../fhir/is-resource.ts';
import { parseJson } from '../../fhir/json.ts';
import { isRestricted } from '../../fhir/plan-view/restricted.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Sql } from '../../store/types.ts';
import { contentHash } from '../content-hash.ts';
import { type EhrRef, eachReference, mapShapes, readReference } from '../normalize/references.ts';
import { outboxSystem } from '../reconcile/echo.ts';
import { isShape, type Shape, shapes, textOf } from '../shape.ts';
import type { OutboxRow } from './outbox.ts';
import type { BodyContext, Outgoing } from './outgoing.ts';
import { isSendable } from './queue-referral.ts';

/**
 * A referral of ours as the site may read it: the subject is the site's patient, references go to the site's own resources where it
 * knows them, and to everything else by our identifier and display only. Narrative and meta stay here.
 */
export async function referralBody(
  row: OutboxRow,
  subject: string,
  context: BodyContext,
): Promise<Result<Outgoing | undefined>> {
  const { store, site, deps } = context;
  const stored = await store.read('ServiceRequest', row.resourceId);
  const referral = stored && !stored.deleted ? parseJson(stored.json) : undefined;
  // A referral that was corrected to another child meanwhile is not this child's to send.
  if (!isResource(referral) || isRestricted(referral) || childOf(referral) !== row.patientId) return ok(undefined);
  if (!context.sentBefore && !isSendable(referral)) return ok(undefined);
  const atSite = await namesAtSite(store, site.id, referral, deps.fhirBaseUrl);
  const { id: _id, meta: _meta, text: _text, ...content } = referral;
  const mapped = mapShapes(content, (shape) => outwardReference(shape, atSite, deps.fhirBaseUrl));
  const body: Resource = {
    ...(isShape(mapped) ? mapped : {}),
    resourceType: 'ServiceRequest',
    subject: { reference: `Patient/${subject}` },
  };
  const identifiers = shapes(body.identifier);
  return ok({
    contentHash: contentHash(body),
    build: (idemKey) => ({ ...body, identifier: [...identifiers, { system: outboxSystem, value: idemKey }] }),
  });
}

/** What the site calls our resources that the referral names: our `Type/id` to the site's. */
async function namesAtSite(
  sql: Sql,
  siteId: string,
  referral: Resource,
  ourBase: string,
): Promise<Map<string, string>> {
  const refs: EhrRef[] = [];
  eachReference(referral, (reference) => {
    const target = readReference(reference, ourBase);
    if (target) refs.push(target);
  });
  const rows = await sql.query<{ type: string; id: string; ehr_id: string }>(
    `select l.type, l.id, l.ehr_id from unnest($2::text[], $3::text[]) as w (type, id)
     join ehr_link l on l.site = $1 and l.type = w.type and l.id = w.id order by l.linked_at desc`,
    [siteId, refs.map((ref) => ref.type), refs.map((ref) => ref.ehrId)],
  );
  return new Map(rows.map((row) => [`${row.type}/${row.id}`, `${row.type}/${row.ehr_id}`]));
}

function outwardReference(shape: Shape, atSite: ReadonlyMap<string, string>, ourBase: string): Shape {
  const reference = textOf(shape.reference);
  const target = reference === undefined ? undefined : readReference(reference, ourBase);
  if (target === undefined) return shape;
  const { reference: _ours, ...rest } = shape;
  const known = atSite.get(`${target.type}/${target.ehrId}`);
  if (known !== undefined) return { reference: known, ...rest };
  return { type: target.type, identifier: { system: `${ourBase}/${target.type}`, value: target.ehrId }, ...rest };
}
