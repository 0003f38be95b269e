import { ok } from '../../base/errors.ts';
import { stableId } from '../../base/ids.ts';
import { type CareManagement, careManagementOf } from '../../care/program/in-care-management.ts';
import type { CdsCard, CdsService } from '../../module.ts';
import { markdownText, oneLine, shortened } from './card-text.ts';

/** CDS Hooks 2.0: a summary is one sentence of less than 140 characters. */
const summaryMax = 139;
const textMax = 120;

/**
 * CDS Hooks `patient-view`: that the child is in care management, with the manager's name and telephone, for whoever opens the chart (S4.12): clinicians
 * who do not know of it cannot call. No card when no program works with the child.
 */
export function careManagementService(publicUrl: string): CdsService {
  return {
    id: 'careweave-care-management',
    hook: 'patient-view',
    title: 'In care management',
    description: 'Says that a program manages the care of the child, since when, and whom to call.',
    cards: async ({ patientId, store, shown = async (resources) => [...resources] }) => {
      const found = await careManagementOf(store, patientId, shown);
      return ok(found.length === 0 ? [] : [careManagementCard(found, publicUrl)]);
    },
  };
}

/** Pure: equal facts give equal cards, also the same uuid. */
export function careManagementCard(found: readonly CareManagement[], publicUrl: string): CdsCard {
  const [first] = found;
  const who = [first?.manager, first?.phone].flatMap((part) => (part === undefined ? [] : [oneLine(part)])).join(', ');
  const more = found.length > 1 ? ` (${found.length} programs)` : '';
  const summary = shortened(`In care management${more}${who === '' ? '' : `: ${who}`}`, summaryMax);
  const detail = found.map(line).join('\n');
  return {
    uuid: stableId('cds-care-management', ...found.map(({ episodeId }) => episodeId), summary, detail),
    summary,
    detail,
    indicator: 'info',
    source: { label: 'Careweave', url: publicUrl },
  };
}

function line({ program, since, manager, phone, leads, onHold }: CareManagement): string {
  const words = [
    `**${text(program ?? 'Care management')}**${onHold ? ' (on hold)' : ''}`,
    since === undefined ? '' : `since ${since}`,
    manager === undefined ? '' : `${text(manager)}${leads ? ' (leads the care team)' : ''}`,
    phone === undefined ? '' : text(phone),
  ];
  return `- ${words.filter((word) => word !== '').join(', ')}`;
}

function text(words: string): string {
  return markdownText(words, textMax);
}
