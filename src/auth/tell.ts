import type { Request, Response } from 'express';
import type { AuditEntry } from '../access/audit/entry.ts';
import { sendPage } from './page.ts';
import type { AuthRoom } from './room.ts';
import { wordsOf } from './words/language.ts';

/**
 * Tells the audit trail, with what every entry says of the request. True once it is held; false: whatever it tells of must not be
 * answered, and the caller has been told to come again, a person by a page.
 */
export async function tell(
  entry: AuditEntry,
  request: Request,
  response: Response,
  room: AuthRoom,
  reader: 'client' | 'person' = 'client',
): Promise<boolean> {
  const { requestId } = response.locals;
  const told = await room.trail.record({
    ...entry,
    who: { ...entry.who, ...(request.ip !== undefined && { address: request.ip }) },
    ...(typeof requestId === 'string' && { requestId }),
  });
  if (told.ok) return true;
  response.set('Retry-After', '1');
  if (reader === 'client') response.status(503).json({ error: 'temporarily_unavailable' });
  else {
    const { nowTitle: title, now: text } = wordsOf(response).errors;
    sendPage(response, { status: 503, title, text });
  }
  return false;
}
