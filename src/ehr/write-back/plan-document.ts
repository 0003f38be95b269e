import { createHash } from 'node:crypto';
import { ok, type Result } from '../../base/errors.ts';
import { childOf } from '../../care/child.ts';
import { isResource } from '../../fhir/is-resource.ts';
import { parseJson } from '../../fhir/json.ts';
import { outboxSystem } from '../reconcile/echo.ts';
import type { OutboxRow } from './outbox.ts';
import type { BodyContext, Outgoing } from './outgoing.ts';

const contentType = 'application/xhtml+xml';

/**
 * The shared plan as a document, for a hospital whose own plans are read-only: DocumentReference with LOINC 18776-5 (plan of care
 * note) and the plan as XHTML. One document for ever where the site can update it, else one that replaces the last.
 */
export async function planDocument(
  row: OutboxRow,
  subject: string,
  context: BodyContext,
): Promise<Result<Outgoing | undefined>> {
  const { store, deps } = context;
  const plan = await store.read('CarePlan', row.resourceId);
  const content = plan && !plan.deleted ? parseJson(plan.json) : undefined;
  // Never into another child's folder, whatever became of the plan since it was queued.
  if (!isResource(content) || childOf(content) !== row.patientId) return ok(undefined);
  const rendered = await deps.renderPlanDocument(store, row.resourceId);
  if (!rendered.ok) return rendered;
  const { html, title } = rendered.value;
  const bytes = Buffer.from(html, 'utf8');
  return ok({
    contentHash: createHash('sha256').update(title).update('\n').update(bytes).digest('hex'),
    build: (idemKey, replaces) => ({
      resourceType: 'DocumentReference',
      identifier: [{ system: outboxSystem, value: idemKey }],
      status: 'current',
      docStatus: 'final',
      type: { coding: [{ system: 'http://loinc.org', code: '18776-5', display: 'Plan of care note' }], text: title },
      category: [
        {
          coding: [
            {
              system: 'http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category',
              code: 'clinical-note',
            },
          ],
        },
      ],
      subject: { reference: `Patient/${subject}` },
      date: deps.clock.now().toISOString(),
      custodian: { display: 'Careweave' },
      ...(replaces
        ? { relatesTo: [{ code: 'replaces', target: { reference: `${replaces.ehrType}/${replaces.ehrId}` } }] }
        : {}),
      description: title,
      content: [
        {
          attachment: {
            contentType,
            data: bytes.toString('base64'),
            size: bytes.length,
            hash: createHash('sha1').update(bytes).digest('base64'),
            title,
          },
        },
      ],
    }),
  });
}
