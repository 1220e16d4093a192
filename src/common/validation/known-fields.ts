import type { Type } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import { INPUTS_MAX } from '../../engine-contract/inputs';
import type { FieldError } from '../problems/problem.exception';

/**
 * Values within one field, including the field itself. The longest valid list has INPUTS_MAX elements. class-transformer
 * takes minutes for a very long list and overflows the stack for a very deep one.
 */
const VALUES_MAX = INPUTS_MAX + 50;

export interface CheckedFields {
  /** Fields that are safe to transform and validate. */
  readonly known: Record<string, unknown>;
  readonly errors: readonly FieldError[];
}

/**
 * Checks a value from a client before class-transformer processes it. Rejects unknown fields by name, including `toString`
 * and `__proto__`, which class-transformer would drop silently.
 */
export function checkFields(type: Type | undefined, input: object): CheckedFields {
  const names = type && fieldNamesOf(type);
  const errors: FieldError[] = [];
  const known: [string, unknown][] = [];
  for (const [field, value] of Object.entries(input)) {
    if (names?.has(field) === false) errors.push({ field, message: 'is not a known field' });
    else if (isWithinValueLimit(value)) known.push([field, value]);
    else errors.push({ field, message: 'contains too many values' });
  }
  return { known: Object.fromEntries(known), errors };
}

function fieldNamesOf(type: Type): ReadonlySet<string> {
  const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  return new Set(rules.map(({ propertyName }) => propertyName));
}

/** Recurses at most VALUES_MAX levels deep, because each value counts. */
function isWithinValueLimit(value: unknown, remaining = { values: VALUES_MAX }): boolean {
  remaining.values -= 1;
  if (remaining.values < 0) return false;
  return (
    typeof value !== 'object' ||
    value === null ||
    Object.values(value).every((inner) => isWithinValueLimit(inner, remaining))
  );
}
