import fs from 'node:fs';
import { faultTolerantStream } from './fault-tolerant-stream';

describe('faultTolerantStream', () => {
  it('survives failed writes and reports the first one on standard error', () => {
    const writeSync = jest.spyOn(fs, 'writeSync');
    const reported: unknown[] = [];
    writeSync.mockImplementation((fd: number, text: unknown) => {
      if (fd !== 2) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      reported.push(text);
      return 0;
    });
    try {
      const stream = faultTolerantStream('/dev/full', 'LOG_FILE');
      for (let i = 0; i < 3; i++) stream.write('a line\n');
    } finally {
      writeSync.mockRestore();
    }
    expect(reported).toEqual([expect.stringMatching(/^LOG_FILE cannot be written.*no space left\n$/)]);
  });
});
