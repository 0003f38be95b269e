import { ok, type Result } from '../../base/errors.ts';
import { decimalText } from '../decimal.ts';
import { toCanonical, type Ucum, type Unit, ucumSystem } from '../ucum.ts';
import { splitEscaped, unescapeValue } from './escapes.ts';
import { currencySystem, type NumberForm, systemKinds } from './number-entry.ts';
import { type AskedNumber, askedNumber, badNumber } from './parse-number.ts';
import type { AskedRange, SearchParam, SearchValue } from './query.ts';

/**
 * `[prefix]number`, `…|system|code`, `…||code` (code or unit) or `…|system|` (FHIR R4, search.html#quantity). A valid UCUM code asks for
 * all commensurable units, the implied precision converted with the value. Error `invalid` names the parameter.
 */
export function parseQuantityValue(param: SearchParam, raw: string, ucum: Ucum): Result<SearchValue> {
  const [number = '', system = '', code = '', ...more] = splitEscaped(raw, '|').map(unescapeValue);
  const bars = splitEscaped(raw, '|').length - 1;
  const asked = askedNumber(number);
  if (!asked || bars === 1 || more.length > 0) {
    return badNumber(
      param,
      'number, number|system|code, number||code or number|system| with a number such as 5.40 or 1.2e-3',
    );
  }
  return ok({ kind: 'quantity', prefix: asked.prefix, any: formsAsked(asked, system, code, ucum) });
}

function formsAsked(asked: AskedNumber, system: string, code: string, ucum: Ucum): AskedRange[] {
  const as = (form: NumberForm, unit?: Unit): AskedRange => {
    const [from, to] = [asked.from, asked.to].map((end) => decimalText(unit ? toCanonical(end, unit) : end));
    return { form, from: from ?? '', to: to ?? '' };
  };
  if (code === '') {
    if (system === '') return systemKinds.map((kind) => as(['any', kind]));
    if (system === ucumSystem) return [as(['any', 'ucum'])];
    return [as(system === currencySystem ? ['any', 'currency'] : ['system', system])];
  }
  const unit = system === '' || system === ucumSystem ? ucum.unitOf(code) : undefined;
  const canonical = unit ? [as(['canonical', unit.canonical], unit)] : [];
  if (system === '') return [...canonical, as(['text', code])];
  return unit ? canonical : [as(['code', system, code])];
}
