import { type Err, fail } from '../base/errors.ts';

/** A refusal by a rule of care. The text opens with the rule, so that people can ask for it by name. */
export function refuse(rule: string, text: string, expression: string): Err {
  return fail('unprocessable', `${rule}: ${text}`, { code: 'business-rule', expression: [expression] });
}
