import { type Verdict, VERDICTS, statusOf } from './report';

describe('statusOf', () => {
  const expected: Readonly<Record<Verdict, string>> = {
    OK: 'SUCCESS',
    NONZERO_EXIT: 'FAILED',
    SIGNALLED: 'FAILED',
    COMPILE_ERROR: 'FAILED',
    TIME_LIMIT: 'TIMEOUT',
    MEMORY_LIMIT: 'FAILED',
    OUTPUT_LIMIT: 'FAILED',
    CANCELLED: 'CANCELLED',
    ENGINE_ERROR: 'FAILED',
  };

  it.each(VERDICTS)('returns the documented status for %s', (verdict) => {
    expect(statusOf(verdict)).toBe(expected[verdict]);
  });
});
