/** Parameters that are columns of the resource table itself, so they need no index entries. */
const ownColumns = new Set(['_id', '_lastUpdated']);

export function isOwnColumn(param: string): boolean {
  return ownColumns.has(param);
}
