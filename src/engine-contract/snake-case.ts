/** `stdoutBytes` becomes `stdout_bytes`. */
type SnakeCase<Name extends string> = Name extends `${infer Letter}${infer Rest}`
  ? `${Letter extends Lowercase<Letter> ? Letter : `_${Lowercase<Letter>}`}${SnakeCase<Rest>}`
  : Name;

/** `T` with every field in snake case, also those of nested objects and of lists. */
export type SnakeCased<T> = T extends readonly (infer Item)[]
  ? readonly SnakeCased<Item>[]
  : T extends object
    ? { [Name in keyof T as Name extends string ? SnakeCase<Name> : never]: SnakeCased<T[Name]> }
    : T;

/** Converts data of the domain to its JSON form. Fields that are undefined are left out. */
export const toSnakeCase = <T>(value: T): SnakeCased<T> =>
  renameFields(value, (name) =>
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  ) as SnakeCased<T>;

/** Converts JSON that `toSnakeCase` wrote back. Copies every field, so validate data of others first. */
export const fromSnakeCase = <T>(value: SnakeCased<T>): T =>
  renameFields(value, (name) =>
    name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase()),
  ) as T;

function renameFields(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renameFields(item, rename));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [rename(name), renameFields(field, rename)]));
}
