/** The Prefer header (RFC 7240) as FHIR uses it: `return`, `handling` and `respond-async`. Unknown preferences are ignored, as the RFC says. */
export interface Preference {
  return: 'minimal' | 'representation' | 'OperationOutcome';
  handling: 'strict' | 'lenient';
  /** `respond-async`: the answer may come later (FHIR, asynchronous interactions). */
  isLater: boolean;
}

export function preference(header: string | undefined): Preference {
  const wish: Preference = { return: 'representation', handling: 'strict', isLater: false };
  if (header === undefined) return wish;
  for (const part of header.split(/[,;]/)) {
    const [name, value] = part
      .trim()
      .split('=')
      .map((text) => text.trim().replace(/^"|"$/g, ''));
    if (name === 'respond-async') wish.isLater = true;
    if (name === 'return' && (value === 'minimal' || value === 'representation' || value === 'OperationOutcome'))
      wish.return = value;
    if (name === 'handling' && (value === 'strict' || value === 'lenient')) wish.handling = value;
  }
  return wish;
}
