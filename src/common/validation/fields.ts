/** Rules for fields that several DTOs have. */
import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsUUID, ValidateBy, ValidateIf } from 'class-validator';

/** May be absent, but is checked when it is there: null is not the same as absent. */
export const IsOptionalNonNull = (): PropertyDecorator => ValidateIf((_object, value) => value !== undefined);

/** Must be there, but may be null. */
export const IsNullable = (): PropertyDecorator => ValidateIf((_object, value) => value !== null);

/**
 * Text that can be stored as UTF-8 and read back unchanged: a lone surrogate has no encoding.
 * @param nul whether U+0000 is allowed
 */
export const IsWellFormedText = ({ nul }: { nul: boolean }): PropertyDecorator =>
  ValidateBy({
    name: 'isWellFormedText',
    validator: {
      validate: (value) => isWellFormedText(value, nul),
      defaultMessage: () =>
        `must be a string of well-formed Unicode${nul ? '' : ' without NUL characters'} (no lone surrogates)`,
    },
  });

/** A list of 1 to `countMax` texts of which each is well-formed, with NUL or without. */
export const AreWellFormedTexts = ({ countMax }: { countMax: number }): PropertyDecorator =>
  ValidateBy({
    name: 'areWellFormedTexts',
    validator: {
      validate: (value) =>
        Array.isArray(value) &&
        value.length >= 1 &&
        value.length <= countMax &&
        value.every((text) => isWellFormedText(text, true)),
      defaultMessage: () =>
        `must be a list of 1 to ${countMax.toString()} strings of well-formed Unicode (no lone surrogates)`,
    },
  });

const isWellFormedText = (value: unknown, nul: boolean): boolean =>
  typeof value === 'string' && value.isWellFormed() && (nul || !value.includes('\0'));

/** Of two fields of which only one may be there: each names the other, so that both are told. */
export const MutuallyExclusiveWith = (other: string): PropertyDecorator =>
  ValidateBy({
    name: 'mutuallyExclusiveWith',
    validator: {
      validate: (_value, args) =>
        (args?.object as Record<string, unknown> | undefined)?.[other] === undefined,
      defaultMessage: () => `must not be given together with \`${other}\``,
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
