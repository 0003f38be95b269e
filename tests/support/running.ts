/** What the set-up of a test run has started and its tear-down stops; both run in one process. */
export const running: { directory: string; stop(): Promise<void> }[] = [];
