import { plainToInstance } from 'class-transformer';
import { IsInt, validateSync } from 'class-validator';
import {
  AreWellFormedTexts,
  IsJobId,
  IsWellFormedText,
  IsOptionalNonNull,
  MutuallyExclusiveWith,
  QueryInteger,
} from './fields';

class Fields {
  @IsOptionalNonNull() @IsWellFormedText({ nul: false }) readonly text?: string;
  @IsOptionalNonNull() @IsWellFormedText({ nul: true }) readonly input?: string;
  @IsOptionalNonNull() @QueryInteger() @IsInt() readonly limit?: number;
  @IsOptionalNonNull() @IsJobId() readonly id?: string;
  @IsOptionalNonNull()
  @AreWellFormedTexts({ countMax: 3 })
  @MutuallyExclusiveWith('one')
  readonly texts?: string[];
  @IsOptionalNonNull() @MutuallyExclusiveWith('texts') readonly one?: string;
}

const read = (value: object): Fields => plainToInstance(Fields, value);
const invalidFields = (value: object): string[] => validateSync(read(value)).map(({ property }) => property);

describe('IsOptionalNonNull', () => {
  it('accepts an absent field and validates null like any other value', () => {
    expect(invalidFields({})).toEqual([]);
    expect(invalidFields({ text: undefined })).toEqual([]);
    expect(invalidFields({ text: null, input: null, limit: null, id: null })).toEqual([
      'text',
      'input',
      'limit',
      'id',
    ]);
  });
});

describe('IsWellFormedText', () => {
  it.each(['', 'a', '😀', '\u0001\n\u2028', '\ufffe'])('accepts %j', (text) => {
    expect(invalidFields({ text, input: text })).toEqual([]);
  });

  it.each(['\ud83d', 'a\ude00b', '\ude00\ud83d', 5, {}, ['a'], true])('rejects %j', (text) => {
    expect(invalidFields({ text, input: text })).toEqual(['text', 'input']);
  });

  it('accepts NUL only where it is allowed', () => {
    expect(invalidFields({ text: 'a\0', input: 'a\0' })).toEqual(['text']);
  });

  it('describes valid values', () => {
    const [error] = validateSync(read({ text: '\ud83d' }));
    expect(error?.constraints?.['isWellFormedText']).toBe(
      'must be a string of well-formed Unicode without NUL characters (no lone surrogates)',
    );
  });
});

describe('AreWellFormedTexts', () => {
  it.each([[['']], [['a', '\0', '😀']]])('accepts %j', (texts) => {
    expect(invalidFields({ texts })).toEqual([]);
  });

  it.each([
    [[]],
    [['a', 'b', 'c', 'd']],
    ['a'],
    [{ 0: 'a', length: 1 }],
    [['a', 5]],
    [['\ud83d']],
    [[['a']]],
  ])('rejects %j', (texts) => {
    expect(invalidFields({ texts })).toEqual(['texts']);
  });

  it('states the maximum number', () => {
    const [error] = validateSync(read({ texts: [] }));
    expect(error?.constraints?.['areWellFormedTexts']).toContain('a list of 1 to 3 strings');
  });
});

describe('MutuallyExclusiveWith', () => {
  it('rejects both fields and names the other one in each error', () => {
    const errors = validateSync(read({ texts: ['a'], one: '' }));
    expect(
      errors.map(({ property, constraints }) => [property, constraints?.['mutuallyExclusiveWith']]),
    ).toEqual([
      ['texts', 'must not be combined with `one`'],
      ['one', 'must not be combined with `texts`'],
    ]);
  });

  it('accepts either field alone, or neither', () => {
    for (const value of [{}, { texts: ['a'] }, { one: 'a' }]) expect(invalidFields(value)).toEqual([]);
  });
});

describe('QueryInteger', () => {
  it.each([
    ['0', 0],
    ['100', 100],
    ['007', 7],
    ['999999999999999', 999_999_999_999_999],
  ])('reads %j as %d', (limit, value) => {
    expect([read({ limit }).limit, invalidFields({ limit })]).toEqual([value, []]);
  });

  it.each(['', ' 1', '1 ', '-1', '+1', '1.0', '1e3', '0x10', '١', 'Infinity', '9'.repeat(16), ['1', '2']])(
    'leaves %j for the validator to reject',
    (limit) => {
      expect([read({ limit }).limit, invalidFields({ limit })]).toEqual([limit, ['limit']]);
    },
  );
});

describe('IsJobId', () => {
  it('accepts an id in any case and converts it to lower case', () => {
    const id = '01935d2e-7c1a-7000-8000-0000000000ab';
    expect([read({ id: id.toUpperCase() }).id, invalidFields({ id: id.toUpperCase() })]).toEqual([id, []]);
  });

  it.each([
    '',
    'x',
    '01935d2e7c1a700080000000000000ab',
    '01935d2e-7c1a-7000-8000-0000000000a',
    5,
    '../../etc/passwd',
  ])('rejects %j', (id) => {
    expect(invalidFields({ id })).toEqual(['id']);
  });
});
