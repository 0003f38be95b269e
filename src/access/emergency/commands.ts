import { ok } from '../../base/errors.ts';
import type { Command } from '../../module.ts';

interface Row {
  started_at: Date;
  ends_at: Date;
  fhir_user: string;
  patient_id: string;
  reason: string;
  explanation: string;
}

/** `emergency list`: for the review of who broke the glass, and why. */
export function emergencyCommands(): Command[] {
  return [
    {
      name: 'emergency list',
      summary: 'Lists who broke the glass, for whom, when and why, newest first.',
      run: async ({ store, print }) => {
        const rows = await store.query<Row>(
          `SELECT started_at, ends_at, fhir_user, patient_id, reason, explanation FROM access_emergency
            ORDER BY started_at DESC LIMIT 1000`,
        );
        for (const { started_at, ends_at, fhir_user, patient_id, reason, explanation } of rows) {
          const times = [started_at, ends_at].map((at) => at.toISOString());
          // What a person wrote stays on its line.
          print([...times, fhir_user, `Patient/${patient_id}`, reason, explanation.replace(/\s+/g, ' ')].join('\t'));
        }
        return ok(undefined);
      },
    },
  ];
}
