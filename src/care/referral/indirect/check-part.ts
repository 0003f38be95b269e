import { ok } from '../../../base/errors.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import { refuse } from '../../business-rule.ts';
import { childOf } from '../../child.ts';
import { localId } from '../../local-id.ts';
import { currentOf } from '../../stored.ts';
import { concludeWritten } from '../../written-here.ts';
import { fulfillsReferral } from '../states.ts';
import { sourceIdOf } from './parts-of.ts';

const rule = 'referral-part';

/**
 * A part of a referral is about the same child, and its request is a filler order based on the source's (HL7 SDOH Clinical Care, indirect
 * referrals). A source that is not here, or of another child, is refused in the same words (PP-51).
 */
export const concludePart = concludeWritten(rule, 'Task', async (after, before, tx) => {
  if (!isOfType(after, 'Task') || !fulfillsReferral(after)) return ok(undefined);
  const sourceId = sourceIdOf(after);
  const wasPart =
    isOfType(before, 'Task') && sourceIdOf(before) === sourceId && before.focus?.reference === after.focus?.reference;
  if (sourceId === undefined || wasPart) return ok(undefined);
  const source = currentOf(await tx.read('Task', sourceId));
  if (
    sourceId === after.id ||
    !isOfType(source, 'Task') ||
    !fulfillsReferral(source) ||
    childOf(source) !== childOf(after)
  )
    return refuse(rule, 'A part of a referral names a referral that is kept here, for the same child.', 'Task.partOf');
  if (source.partOf !== undefined)
    return refuse(
      rule,
      'A part of a referral is not divided again; divide the referral that it is a part of.',
      'Task.partOf',
    );
  const requestId = localId(after.focus, 'ServiceRequest');
  const request = requestId === undefined ? undefined : currentOf(await tx.read('ServiceRequest', requestId));
  const isFiller =
    isOfType(request, 'ServiceRequest') &&
    request.intent === 'filler-order' &&
    request.basedOn?.some(({ reference }) => reference !== undefined && reference === source.focus?.reference) === true;
  if (isFiller) return ok(undefined);
  const text =
    'The request of a part has the intent filler-order and is based on the request of the referral that it is a part of.';
  return refuse(rule, text, 'Task.focus');
});
