import type { Trouble } from '../shared/fhir-client.ts';

/** What only the clinician's page says. */
export const page = {
  glance: 'At a glance',
  onThisPage: 'On this page',
  print: 'Print or save',
  printHint: 'Opens the plan as a page to be printed, with what is marked confidential: it is for you alone',
  printHintShared: 'Opens the plan as a page to be printed and handed on, without anything sensitive',
  hiddenShown: 'Show what is marked confidential',
  hidden: 'Something in this plan is marked confidential. It is not shown and not counted here until you ask for it.',
  unattributed: 'Who wrote some of the lines could not be read. “Read again” tries once more.',
  more: (count: number) => `${count} more below`,
  count: (count: number) => (count === 1 ? '1 line' : `${count} lines`),
  part: (what: string) => `${what} could not be read. The rest of the page is complete.`,

  care: 'Care management',
  inCare: 'In care management',
  onHold: 'on hold',
  since: (day: string) => `since ${day}`,
  notInCare: 'No care management program works with this child now.',
  noManager: 'No care manager is named.',
  noPhone: 'no telephone recorded',

  emergency: 'Emergency plan',
  noEmergency: 'There is no emergency plan in force that you may see.',
  emergencyAsOf: (day: string, time: string) => `As of ${day}, ${time}: made from the record when it is opened`,
  checkDue: 'Is to be checked again',
  checkCurrent: 'Checked, no check is due',
  checkedOn: (day: string) => `last checked ${day}`,
  nextCheck: (day: string) => `next check by ${day}`,
  openEmergency: 'Open',
  openPdf: 'PDF',
  openPdfSpanish: 'PDF in Spanish',
  opening: 'Opening…',
  reading: 'Reading…',
  ready: 'It is ready:',
  openIt: 'open it',
  openFailed: 'It could not be opened. Try again.',
  notThere: 'It is not there any more. Read the page again.',

  warnings: 'Allergies and warnings',
  noAllergies: 'No allergy is recorded; nobody has written that there is none.',
  clinicianGoals: 'Goals of the professionals',
  noClinicianGoals: 'No goal of a professional yet.',
  openReferrals: 'Open referrals',
  noOpenReferrals: 'No referral is open.',
  missing: 'What is missing',

  review: 'Review and signature',
  lastAgreed: (day: string) => `Last agreed on ${day}`,
  by: (names: string) => `by ${names}`,
  neverReviewed: 'Not gone through with the family yet',
  nextReview: (day: string, again: boolean) => `to be gone through${again ? ' again' : ''} by ${day}`,
  askedToSign: (day: string) => `You are asked to sign this plan${day ? ` (since ${day})` : ''}.`,
  sign: 'Sign this plan',
  signing: 'Signing…',
  beginReview: 'Record a review',
  agreedBy: 'Who agreed to the plan',
  copyFor: 'Who was given a copy',
  me: (name: string) => (name ? `You (${name})` : 'You'),
  next: 'Next review by (optional)',
  nextHint: 'Left empty, it is due after six months, three for an infant.',
  note: 'Note (optional)',
  record: 'Record the review',
  recordAndSign: 'Record and sign',
  recording: 'Recording…',
  cancel: 'Cancel',
  nobodyAgreed: 'Say who agreed: at least one person.',
  signed: (day: string, time: string) => `You signed this plan on ${day} at ${time}.`,
  reviewed: (day: string, time: string) => `Your review was recorded on ${day} at ${time}.`,
  reviewedAndSigned: (day: string, time: string) =>
    `Your review was recorded, and you signed this plan, on ${day} at ${time}.`,
  reviewedFirst: 'Your review was recorded, the signature was not. ',
  notReadAgain: 'The plan could not be read again; what is shown is older.',
};

/** Why a signature or a review was not taken, and what to do now. `what`: what was not done. */
export function troubleText({ kind, sentence }: Trouble, what: 'signed' | 'recorded'): string {
  switch (kind) {
    case 'conflict':
      return `Somebody changed this plan while you were reading it. Nothing was ${what}. Here it is as it is now: look through it, then try again.`;
    case 'expired':
      return `Your session has ended. Nothing was ${what}: open the plan from your EHR again.`;
    case 'refused':
      return `Nothing was ${what}. ${sentence || 'You may not do this, or the plan is not there any more.'}`;
    case 'unreachable':
      return `Careweave did not answer, so it is not known whether this was ${what}. Read the plan again before you try once more.`;
  }
}

/** Why a part of the page is not there. */
export function partText(what: string, { kind }: Trouble): string {
  return kind === 'expired' ? `Your session has ended, so ${what.toLowerCase()} is not shown.` : page.part(what);
}

/** A fact of a section, with days as people write them. */
export function withDays(text: string, dayText: (date: string) => string): string {
  return text.replaceAll(/\b\d{4}-\d\d-\d\d\b/g, (date) => dayText(date) || date);
}
