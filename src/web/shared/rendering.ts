import type { Session } from './smart-launch.ts';

/**
 * A page or a PDF that an operation renders; undefined when there is none for this reader. Throws when the server cannot be reached, and when the
 * session has ended: that says nothing of what there is.
 */
export async function readRendering(
  { accessToken }: Session,
  path: string,
  type: 'text/html' | 'application/pdf',
): Promise<Blob | undefined> {
  const url = `/fhir/${path}${path.includes('?') ? '&' : '?'}_format=${encodeURIComponent(type)}`;
  const answer = await fetch(url, { headers: { Authorization: `Bearer ${accessToken}`, Accept: type } });
  if (answer.status >= 500 || answer.status === 401 || answer.status === 429) throw new Error('no rendering');
  return answer.ok ? answer.blob() : undefined;
}
