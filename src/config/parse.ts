import { Expose, Transform } from 'class-transformer';

/**
 * Declares a setting with a default for a variable that is unset or blank, as shells and compose files leave it. A value that
 * `convert` cannot convert must be returned as it is, so that the validator of the setting rejects it.
 */
function setting(fallback: unknown, convert: (text: string) => unknown): PropertyDecorator {
  return (target, key) => {
    Expose()(target, key);
    Transform(({ value }: { value: unknown }) => {
      const input = typeof value === 'string' ? value.trim() : value;
      if (input === undefined || input === '') return fallback;
      return typeof input === 'string' ? convert(input) : input;
    })(target, key);
  };
}

/** A decimal integer without exponent, sign or fraction. */
export const IntegerSetting = (fallback?: number): PropertyDecorator =>
  setting(fallback, (text) => (/^\d{1,15}$/.test(text) ? Number(text) : text));

/** `true`, `false`, `1` or `0`. */
export const BooleanSetting = (fallback: boolean): PropertyDecorator =>
  setting(
    fallback,
    (text) =>
      new Map([
        ['true', true],
        ['1', true],
        ['false', false],
        ['0', false],
      ]).get(text) ?? text,
  );

export const TextSetting = (fallback?: string): PropertyDecorator => setting(fallback, (text) => text);
