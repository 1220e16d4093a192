/** A place that takes no lines, as when the disk is full, must not stop who writes them. */
import fs from 'node:fs';
import { faultTolerantStream } from './fault-tolerant-stream';

describe('faultTolerantStream', () => {
  it('survives lines that cannot be written, and says so once on standard error', () => {
    const writeSync = jest.spyOn(fs, 'writeSync');
    const told: unknown[] = [];
    writeSync.mockImplementation((fd: number, text: unknown) => {
      if (fd !== 2) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      told.push(text);
      return 0;
    });
    try {
      const stream = faultTolerantStream('/dev/full', 'LOG_FILE');
      for (let i = 0; i < 3; i++) stream.write('a line\n');
    } finally {
      writeSync.mockRestore();
    }
    expect(told).toEqual([expect.stringMatching(/^LOG_FILE cannot be written.*no space left\n$/)]);
  });
});
