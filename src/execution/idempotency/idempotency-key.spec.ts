/** Which keys there are, and which two are the same. */
import { ProblemException } from '../../common/problems/problem.exception';
import { parseIdempotencyKey } from './idempotency-key';

const UUID = '8e03978e-40d5-43e8-bc93-6894a57f9324';

describe('The Idempotency-Key', () => {
  it.each([
    ['a bare one', UUID, UUID],
    ['a string in double quotes', `"${UUID}"`, UUID],
    ['one character', 'k', 'k'],
    ['255 characters', 'k'.repeat(255), 'k'.repeat(255)],
    ['255 characters in quotes', `"${'k'.repeat(255)}"`, 'k'.repeat(255)],
    ['255 characters, escaped', `"${'\\"'.repeat(255)}"`, '"'.repeat(255)],
    ['punctuation', '!#$%&()*+,-./:;<=>?@[]^_`{|}~', '!#$%&()*+,-./:;<=>?@[]^_`{|}~'],
    ['quotes and backslashes that are escaped', '"a\\"b\\\\c"', 'a"b\\c'],
    ['quotes and backslashes within a bare one', 'a"b\\c', 'a"b\\c'],
  ])('is %s', (_what, header, key) => {
    expect(parseIdempotencyKey(header)).toBe(key);
  });

  it('may be absent', () => {
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
    ['a string that does not end', '"abc'],
    ['a string with something after it', '"abc"d'],
    ['a string with parameters', '"abc";a=1'],
    ['a string with an escape that there is not', '"a\\b"'],
    ['a string whose end is escaped', '"abc\\"'],
    ['two, as Node joins them', 'abc, abc'],
    ['two, as they came', ['abc', 'abc']],
  ])('is not %s', (_what, header) => {
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
