import type { GroupCounts } from './add-up.ts';

/** A group whose counts are the sums of other groups: `total` beside age bands. Readers know, so a hidden band must not be left over. */
export interface GroupTotal {
  total: GroupCounts;
  parts: readonly GroupCounts[];
}

const totalName = /(^|-)(total|all)(-|$)/;

/**
 * The groups named as a total (`total`, `bmi-total`) whose counts are those of the groups named alike. Also where the counts do not add up,
 * with `anyway`: that is what a check looks for.
 */
export function groupTotals(counts: readonly GroupCounts[], { anyway = false } = {}): GroupTotal[] {
  return counts.flatMap((total) => {
    const { id } = total.group;
    if (!totalName.test(id)) return [];
    const [before = '', after = ''] = id.split(/(?:total|all)/);
    const parts = counts.filter(
      (each) =>
        each !== total &&
        !totalName.test(each.group.id) &&
        each.group.id.startsWith(before) &&
        each.group.id.endsWith(after),
    );
    if (parts.length < 2) return [];
    return anyway || addsUp(total, parts) ? [{ total, parts }] : [];
  });
}

function addsUp(total: GroupCounts, parts: readonly GroupCounts[]): boolean {
  const shape = total.group.populations.map(({ code }) => code).join();
  if (parts.some(({ group }) => group.populations.map(({ code }) => code).join() !== shape)) return false;
  return total.group.populations.every(({ id }, place) => {
    const sum = parts.reduce(
      (all, { group, tally }) => all + (tally.counts[group.populations[place]?.id ?? ''] ?? 0),
      0,
    );
    return sum === (total.tally.counts[id] ?? 0);
  });
}
