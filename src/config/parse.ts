/** Explicit conversions of environment strings: what does not convert stays a string, and its validator says so. */
import { Expose, Transform } from 'class-transformer';

/** A setting that takes `fallback` when the variable is not set, or is blank as a shell or a compose file leaves it. */
function setting(fallback: unknown, convert: (text: string) => unknown): PropertyDecorator {
  return (target, key) => {
    Expose()(target, key);
    Transform(({ value }: { value: unknown }) => {
      const given = typeof value === 'string' ? value.trim() : value;
      if (given === undefined || given === '') return fallback;
      return typeof given === 'string' ? convert(given) : given;
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
