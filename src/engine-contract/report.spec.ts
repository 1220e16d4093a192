/** The status follows from the verdict. */
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

  it.each(VERDICTS)('gives %s the status that the API promises', (verdict) => {
    expect(statusOf(verdict)).toBe(expected[verdict]);
  });
});
