/** Identifies what an import has made: a plan by the hash of what was sent, an activity by that and its place. */
export const importSystem = 'urn:careweave:import';
