import { convertValue, isFiner } from './convert-quantity.ts';
import type { Decimal } from './decimal.ts';
import { Quantity } from './quantity.ts';
import type { Unit } from './units.ts';

/** The sum (or difference) in the finer unit of the two; null when they measure different things. Source: CQL 1.5, Add. */
export function addQuantities(left: Quantity, right: Quantity, sign: 1 | -1): Quantity | null {
  const unit = commonUnit(left.unit, right.unit);
  if (!unit) return null;
  const [from, to] = [convertValue(left, unit), convertValue(right, unit)];
  if (!from || !to) return null;
  const value = sign === 1 ? from.add(to) : from.subtract(to);
  return value && new Quantity(value, unit);
}

/** What is left over, in the finer unit of the two. */
export function moduloQuantities(left: Quantity, right: Quantity): Quantity | null {
  const unit = commonUnit(left.unit, right.unit);
  if (!unit) return null;
  const [from, to] = [convertValue(left, unit), convertValue(right, unit)];
  const value = from && to && from.modulo(to);
  return value && new Quantity(value, unit);
}

function commonUnit(left: Unit, right: Unit): Unit | null {
  if (left === right || left.code === right.code) return left;
  if (!left.scale || left.scale.canonical !== right.scale?.canonical) return null;
  return isFiner(left, right) ? left : right;
}

export function multiplyQuantities(left: Quantity, right: Quantity): Quantity | null {
  return combine(left.value.multiply(right.value), left.unit, right.unit, 1);
}

/** Of one kind, both in the finer unit, and the result is a bare number; else in units of the left over units of the right. */
export function divideQuantities(left: Quantity, right: Quantity): Quantity | null {
  if (
    left.unit.code !== right.unit.code &&
    left.unit.scale &&
    left.unit.scale.canonical === right.unit.scale?.canonical
  ) {
    const unit = commonUnit(left.unit, right.unit);
    const [from, to] = unit ? [convertValue(left, unit), convertValue(right, unit)] : [null, null];
    const value = from && to && from.divide(to);
    return value && new Quantity(value, left.unit.of('1'));
  }
  return combine(left.value.divide(right.value), left.unit, right.unit, -1);
}

function combine(value: Decimal | null, left: Unit, right: Unit, sign: 1 | -1): Quantity | null {
  if (!value || left.isVariable || right.isVariable) return null;
  const code = combinedCode(left.ucum, right.ucum, sign);
  const unit = code === left.ucum ? left : left.of(code);
  return unit.scale || code === '1' ? new Quantity(value, unit) : null;
}

const simple = /^([A-Za-z[\]_%]+?)(-?\d+)?$/;

/** `cm` times `cm2` is `cm3`; `mg` over `mg` is `1`; what is not that simple is written out, `g/(m2)`. */
function combinedCode(left: string, right: string, sign: 1 | -1): string {
  if (right === '1') return left;
  const [near, far] = [simple.exec(left), simple.exec(right)];
  if (near?.[1] !== undefined && near[1] === far?.[1]) {
    const power = Number(near[2] ?? 1) + sign * Number(far[2] ?? 1);
    return power === 0 ? '1' : power === 1 ? near[1] : `${near[1]}${power}`;
  }
  if (left === right && sign === -1) return '1';
  if (left === '1') return sign === 1 ? right : `/${far ? right : `(${right})`}`;
  return `${left}${sign === 1 ? '.' : '/'}${far ? right : `(${right})`}`;
}
