/** The rules that fields of several DTOs share. */
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
const faultsOf = (value: object): string[] => validateSync(read(value)).map(({ property }) => property);

describe('IsOptionalNonNull', () => {
  it('lets a field be absent, and checks null like any other value', () => {
    expect(faultsOf({})).toEqual([]);
    expect(faultsOf({ text: undefined })).toEqual([]);
    expect(faultsOf({ text: null, input: null, limit: null, id: null })).toEqual([
      'text',
      'input',
      'limit',
      'id',
    ]);
  });
});

describe('IsWellFormedText', () => {
  it.each(['', 'a', '😀', '\u0001\n\u2028', '\ufffe'])('takes %j', (text) => {
    expect(faultsOf({ text, input: text })).toEqual([]);
  });

  it.each(['\ud83d', 'a\ude00b', '\ude00\ud83d', 5, {}, ['a'], true])('refuses %j', (text) => {
    expect(faultsOf({ text, input: text })).toEqual(['text', 'input']);
  });

  it('takes NUL only where it is allowed', () => {
    expect(faultsOf({ text: 'a\0', input: 'a\0' })).toEqual(['text']);
  });

  it('says what is wrong', () => {
    const [fault] = validateSync(read({ text: '\ud83d' }));
    expect(fault?.constraints?.['isWellFormedText']).toBe(
      'must be a string of well-formed Unicode without NUL characters (no lone surrogates)',
    );
  });
});

describe('AreWellFormedTexts', () => {
  it.each([[['']], [['a', '\0', '😀']]])('takes %j', (texts) => {
    expect(faultsOf({ texts })).toEqual([]);
  });

  it.each([
    [[]],
    [['a', 'b', 'c', 'd']],
    ['a'],
    [{ 0: 'a', length: 1 }],
    [['a', 5]],
    [['\ud83d']],
    [[['a']]],
  ])('refuses %j', (texts) => {
    expect(faultsOf({ texts })).toEqual(['texts']);
  });

  it('says how many there may be', () => {
    const [fault] = validateSync(read({ texts: [] }));
    expect(fault?.constraints?.['areWellFormedTexts']).toContain('a list of 1 to 3 strings');
  });
});

describe('MutuallyExclusiveWith', () => {
  it('refuses both, each by its name and with that of the other', () => {
    const faults = validateSync(read({ texts: ['a'], one: '' }));
    expect(
      faults.map(({ property, constraints }) => [property, constraints?.['mutuallyExclusiveWith']]),
    ).toEqual([
      ['texts', 'must not be given together with `one`'],
      ['one', 'must not be given together with `texts`'],
    ]);
  });

  it('takes either, or none', () => {
    for (const value of [{}, { texts: ['a'] }, { one: 'a' }]) expect(faultsOf(value)).toEqual([]);
  });
});

describe('QueryInteger', () => {
  it.each([
    ['0', 0],
    ['100', 100],
    ['007', 7],
    ['999999999999999', 999_999_999_999_999],
  ])('reads %j as %d', (limit, value) => {
    expect([read({ limit }).limit, faultsOf({ limit })]).toEqual([value, []]);
  });

  it.each(['', ' 1', '1 ', '-1', '+1', '1.0', '1e3', '0x10', '١', 'Infinity', '9'.repeat(16), ['1', '2']])(
    'leaves %j for the validator to refuse',
    (limit) => {
      expect([read({ limit }).limit, faultsOf({ limit })]).toEqual([limit, ['limit']]);
    },
  );
});

describe('IsJobId', () => {
  it('takes an id in any case and reads it in lower case', () => {
    const id = '01935d2e-7c1a-7000-8000-0000000000ab';
    expect([read({ id: id.toUpperCase() }).id, faultsOf({ id: id.toUpperCase() })]).toEqual([id, []]);
  });

  it.each([
    '',
    'x',
    '01935d2e7c1a700080000000000000ab',
    '01935d2e-7c1a-7000-8000-0000000000a',
    5,
    '../../etc/passwd',
  ])('refuses %j', (id) => {
    expect(faultsOf({ id })).toEqual(['id']);
  });
});
