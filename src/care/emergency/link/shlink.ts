/** What a SMART Health Link says (SMART Health Links 1.0, link payload). */
export interface LinkPayload {
  /** Where its manifest or file is, at most 128 characters. */
  url: string;
  key: Buffer;
  expiresAt: Date;
  /** `P`: a passcode is asked for; `U`: the address leads to the one file. */
  flag: 'P' | 'U';
  /** At most 80 characters. */
  label: string;
}

export const longestUrl = 128;
export const longestLabel = 80;

/** `shlink:/…`: what stands in a QR code, or is sent to somebody. */
export function shlinkOf({ url, key, expiresAt, flag, label }: LinkPayload): string {
  const exp = Math.floor(expiresAt.getTime() / 1000);
  const payload = JSON.stringify({ url, key: key.toString('base64url'), exp, flag, label, v: 1 });
  return `shlink:/${Buffer.from(payload).toString('base64url')}`;
}
