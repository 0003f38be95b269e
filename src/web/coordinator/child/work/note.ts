import type { r4 } from '../../../../fhir/types.ts';

/** The notes of a Task with one more, by whoever sits here. */
export function withNote(notes: readonly r4.Annotation[] | undefined, text: string, me: string): r4.Annotation[] {
  return [...(notes ?? []), { authorReference: { reference: me }, time: new Date().toISOString(), text }];
}
