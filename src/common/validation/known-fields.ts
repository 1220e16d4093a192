/** Looks at what a client sent before class-transformer walks it, which neither sees every name nor bears every value. */
import type { Type } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import { INPUTS_MAX } from '../../engine-contract/inputs';
import type { FieldError } from '../problems/problem.exception';

/**
 * Values within one field, itself included. The longest list that is asked for has INPUTS_MAX; class-transformer takes
 * minutes for a long list, and the stack does not hold it for a deep one.
 */
const VALUES_MAX = INPUTS_MAX + 50;

export interface CheckedFields {
  /** Those that are safe to transform and to validate. */
  readonly known: Record<string, unknown>;
  readonly errors: readonly FieldError[];
}

/** Refuses by name what the DTO does not have, `toString` and `__proto__` included: class-transformer drops them. */
export function checkFields(type: Type | undefined, given: object): CheckedFields {
  const names = type && fieldNamesOf(type);
  const errors: FieldError[] = [];
  const known: [string, unknown][] = [];
  for (const [field, value] of Object.entries(given)) {
    if (names?.has(field) === false) errors.push({ field, message: 'is not known here' });
    else if (isWithinValueLimit(value)) known.push([field, value]);
    else errors.push({ field, message: 'holds too many values' });
  }
  return { known: Object.fromEntries(known), errors };
}

function fieldNamesOf(type: Type): ReadonlySet<string> {
  const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  return new Set(rules.map(({ propertyName }) => propertyName));
}

/** Goes no deeper than there are values left to count. */
function isWithinValueLimit(value: unknown, left = { values: VALUES_MAX }): boolean {
  left.values -= 1;
  if (left.values < 0) return false;
  return (
    typeof value !== 'object' ||
    value === null ||
    Object.values(value).every((inner) => isWithinValueLimit(inner, left))
  );
}
