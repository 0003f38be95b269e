import type { Request, Response } from 'express';
import type { Hospital } from '../hospital.ts';
import { html } from './html.ts';
import { sendPage } from './page.ts';
import { attachmentOf } from './words.ts';

/** Shows a document as it was received, walled off: it came from outside, so nothing in it runs or loads. */
export async function showDocument(hospital: Hospital, request: Request, response: Response): Promise<void> {
  const { resource } = await hospital.chart.read('DocumentReference', String(request.params.document));
  const { contentType, bytes } = resource ? attachmentOf(resource) : { contentType: '', bytes: '' };
  if (!contentType || !bytes) {
    const body = html`<p>There is no such document, or it has no content here.</p>`;
    return sendPage(response, 404, { hospital, title: 'Not found', body });
  }
  response.set({
    'Content-Security-Policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  });
  response.type(contentType).send(Buffer.from(bytes, 'base64'));
}
