/** Rules for fields that several DTOs have. */
import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsUUID, ValidateBy, ValidateIf } from 'class-validator';

/** May be absent, but is checked when it is there: null is not the same as absent. */
export const MayBeAbsent = (): PropertyDecorator => ValidateIf((_object, value) => value !== undefined);

/** Must be there, but may be null. */
export const MayBeNull = (): PropertyDecorator => ValidateIf((_object, value) => value !== null);

/**
 * Text that can be stored as UTF-8 and read back unchanged: a lone surrogate has no encoding.
 * @param nul whether U+0000 is allowed
 */
export const IsWellFormedText = ({ nul }: { nul: boolean }): PropertyDecorator =>
  ValidateBy({
    name: 'isWellFormedText',
    validator: {
      validate: (value) =>
        typeof value === 'string' && value.isWellFormed() && (nul || !value.includes('\0')),
      defaultMessage: () =>
        `must be a string of well-formed Unicode${nul ? '' : ' without NUL characters'} (no lone surrogates)`,
    },
  });

/** A query parameter as a decimal integer; anything else stays as it is for its validator to refuse. */
export const QueryInteger = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value,
  );

/** A job id in any case, as the lower case in which it was given out. */
export const IsJobId = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value)),
    IsUUID('all', { message: 'must be a UUID' }),
  );
