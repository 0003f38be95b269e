/**
 * The form in which strings are compared: accents, case and runs of white space do not count
 * (FHIR R4, search.html#string). Used for what is stored and for what is asked, so that both agree.
 */
export function normalizeText(text: string): string {
  // Most texts are plain ASCII, whose white space is single spaces already.
  if (text.length <= 200 && plain.test(text)) return text.toLowerCase();
  // Combining marks go after decomposition: é becomes e.
  return text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
}

const plain = /^(?:[!-~]+ )*[!-~]+$/;
