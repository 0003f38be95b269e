/** The Prefer header (RFC 7240) as FHIR uses it: `return` and `handling`. Unknown preferences are ignored, as the RFC says. */
export interface Preference {
  return: 'minimal' | 'representation' | 'OperationOutcome';
  handling: 'strict' | 'lenient';
}

export function preference(header: string | undefined): Preference {
  const wish: Preference = { return: 'representation', handling: 'strict' };
  for (const part of (header ?? '').split(/[,;]/)) {
    const [name, value] = part
      .trim()
      .split('=')
      .map((text) => text.trim().replace(/^"|"$/g, ''));
    if (name === 'return' && (value === 'minimal' || value === 'representation' || value === 'OperationOutcome'))
      wish.return = value;
    if (name === 'handling' && (value === 'strict' || value === 'lenient')) wish.handling = value;
  }
  return wish;
}
