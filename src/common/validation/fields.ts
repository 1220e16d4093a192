import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsUUID, ValidateBy, ValidateIf } from 'class-validator';

/** The field may be absent. When it is present, the other validators apply, also to null. */
export const IsOptionalNonNull = (): PropertyDecorator => ValidateIf((_object, value) => value !== undefined);

/** The field must be present. Null is allowed, and the other validators apply to other values. */
export const IsNullable = (): PropertyDecorator => ValidateIf((_object, value) => value !== null);

/**
 * Text that survives being stored as UTF-8: a lone surrogate has no encoding.
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

/** A list of 1 to `countMax` well-formed texts, which may contain U+0000. */
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

/** Only one of the two fields may be present. Decorate both, so that the errors name both. */
export const MutuallyExclusiveWith = (other: string): PropertyDecorator =>
  ValidateBy({
    name: 'mutuallyExclusiveWith',
    validator: {
      validate: (_value, args) =>
        (args?.object as Record<string, unknown> | undefined)?.[other] === undefined,
      defaultMessage: () => `must not be combined with \`${other}\``,
    },
  });

/** Converts a query parameter to a decimal integer. Any other value is left for the validator to reject. */
export const QueryInteger = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value,
  );

/** A job id in upper or lower case, converted to the lower case of stored ids. */
export const IsJobId = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value)),
    IsUUID('all', { message: 'must be a UUID' }),
  );
