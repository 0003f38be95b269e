/**
 * A client's id and secret in `Authorization: Basic` (RFC 6749, section 2.3.1): both are form-encoded before they are joined, so that
 * a colon or a percent sign in them survives. Undefined when the header is anything else.
 */
export function readBasic(header: string): { id: string; secret: string } | undefined {
  const encoded = /^Basic +([\w+/]{1,4096}={0,2})$/i.exec(header)?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const id = colon > 0 ? formDecoded(text.slice(0, colon)) : undefined;
  const secret = colon > 0 ? formDecoded(text.slice(colon + 1)) : undefined;
  return id && secret ? { id, secret } : undefined;
}

function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
