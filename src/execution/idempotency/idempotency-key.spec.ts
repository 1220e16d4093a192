import { ProblemException } from '../../common/problems/problem.exception';
import { parseIdempotencyKey } from './idempotency-key';

const UUID = '8e03978e-40d5-43e8-bc93-6894a57f9324';

describe('parseIdempotencyKey', () => {
  it.each([
    ['a key without quotes', UUID, UUID],
    ['a string in double quotes', `"${UUID}"`, UUID],
    ['one character', 'k', 'k'],
    ['255 characters', 'k'.repeat(255), 'k'.repeat(255)],
    ['255 characters in quotes', `"${'k'.repeat(255)}"`, 'k'.repeat(255)],
    ['255 characters, escaped', `"${'\\"'.repeat(255)}"`, '"'.repeat(255)],
    ['punctuation', '!#$%&()*+,-./:;<=>?@[]^_`{|}~', '!#$%&()*+,-./:;<=>?@[]^_`{|}~'],
    ['escaped quotes and backslashes', '"a\\"b\\\\c"', 'a"b\\c'],
    ['quotes and backslashes in a key without quotes', 'a"b\\c', 'a"b\\c'],
  ])('accepts %s', (_what, header, key) => {
    expect(parseIdempotencyKey(header)).toBe(key);
  });

  it('returns undefined without the header', () => {
    expect(parseIdempotencyKey(undefined)).toBeUndefined();
  });

  it.each([
    ['empty', ''],
    ['an empty string', '""'],
    ['256 characters', 'k'.repeat(256)],
    ['256 characters in quotes', `"${'k'.repeat(256)}"`],
    ['not ASCII', 'clé'],
    ['not ASCII, in quotes', '"clé"'],
    ['with a space', 'a b'],
    ['with a space, in quotes', '"a b"'],
    ['with a tab', 'a\tb'],
    ['with a control character', 'a\u007fb'],
    ['a quote alone', '"'],
    ['a string without its closing quote', '"abc'],
    ['a string with something after it', '"abc"d'],
    ['a string with parameters', '"abc";a=1'],
    ['a string with an unknown escape', '"a\\b"'],
    ['a string with an escaped closing quote', '"abc\\"'],
    ['two keys, as Node joins them', 'abc, abc'],
    ['two keys in a list', ['abc', 'abc']],
  ])('rejects a key that is %s', (_what, header) => {
    const problem = (() => {
      try {
        return parseIdempotencyKey(header);
      } catch (error) {
        return error;
      }
    })();
    expect(problem).toBeInstanceOf(ProblemException);
    expect(problem).toMatchObject({
      code: 'validation-failed',
      extras: { errors: [{ field: 'Idempotency-Key' }] },
    });
  });
});
