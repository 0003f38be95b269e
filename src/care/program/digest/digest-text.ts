import { limits } from '../../../base/limits.ts';
import { modes } from '../../contact/modes.ts';
import type { Digest } from './digest-content.ts';

const modeWords: Readonly<Record<(typeof modes)[number], string>> = {
  call: 'by telephone',
  video: 'by video',
  'home-visit': 'at home',
  'office-visit': 'in the office',
  'community-visit': 'elsewhere',
  message: 'by message',
  letter: 'by letter',
  fax: 'by fax',
};
const alertWords = {
  flag: 'Flag',
  task: 'Urgent task',
  'emergency-visit': 'Emergency visit',
  admission: 'Admission',
} as const;

/** A digest in words for primary care: every line of it, as many as a message holds; of more it says how many. Pure. */
export function digestText(
  { contacts, alerts, concerns }: Digest,
  { program, month, manager }: { program: string; month: string; manager: string },
): string {
  const held = contacts.filter(({ was }) => was === 'held');
  const tried = contacts.length - held.length;
  const minutes = contacts.reduce((sum, one) => sum + (one.minutes ?? 0), 0);
  const byMode = modes.flatMap((mode) => {
    const count = held.filter((one) => one.mode === mode).length;
    return count === 0 ? [] : [`${count} ${modeWords[mode]}`];
  });
  const among = byMode.length === 0 ? '' : ` (${byMode.join(', ')})`;
  return [
    `Care management in ${month}: ${program}.${manager === '' ? '' : ` Care manager: ${manager}.`}`,
    `Contacts: ${held.length}${among}; nobody was reached in ${tried}; ${Math.round(minutes)} minutes.`,
    ...listed(
      'Alerts',
      alerts.map(({ kind, date, text }) => {
        const on = date === undefined ? '' : `${date.slice(0, 10)} `;
        return `${on}${alertWords[kind]}${text === undefined ? '' : `: ${text}`}`;
      }),
    ),
    ...listed(
      'Open concerns',
      concerns.map(({ since, text = 'A concern' }) => `${text}${since === undefined ? '' : `, since ${since}`}`),
    ),
  ].join('\n');
}

function listed(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [`${title}: none.`];
  const shown = lines.slice(0, limits.care.digestLines).map((line) => `- ${line}`);
  const left = lines.length - shown.length;
  return [`${title}: ${lines.length}.`, ...shown, ...(left > 0 ? [`- and ${left} more`] : [])];
}
