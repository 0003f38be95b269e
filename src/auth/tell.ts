import type { Request, Response } from 'express';
import type { AuditEntry } from '../access/audit/entry.ts';
import type { AuthRoom } from './room.ts';

/**
 * Tells the audit trail, with what every entry says of the request. True once it is held; false: whatever it tells of must not be
 * answered, and the caller has been told to come again.
 */
export async function tell(entry: AuditEntry, request: Request, response: Response, room: AuthRoom): Promise<boolean> {
  const { requestId } = response.locals;
  const told = await room.trail.record({
    ...entry,
    who: { ...entry.who, ...(request.ip !== undefined && { address: request.ip }) },
    ...(typeof requestId === 'string' && { requestId }),
  });
  if (!told.ok) response.status(503).set('Retry-After', '1').json({ error: 'temporarily_unavailable' });
  return told.ok;
}
