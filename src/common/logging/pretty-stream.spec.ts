import { prettyStream } from './pretty-stream';

function format(...lines: object[]): string[] {
  const written: string[] = [];
  const stream = prettyStream({ write: (text) => written.push(text) }, { colorize: false });
  for (const line of lines) stream.write(`${JSON.stringify(line)}\n`);
  return written.map((text) => text.replace(/^\[\d\d:\d\d:\d\d\] /, ''));
}

const LINE = { level: 30, time: 0, pid: 1, hostname: 'h', context: 'Startup' };
const REQUEST = {
  ...LINE,
  req: { id: 'r-1', method: 'GET', url: '/api/jobs' },
  msg: 'request completed',
  responseTime: 3,
};

describe('prettyStream', () => {
  it('writes the time, the level and the message, and other fields on the same line', () => {
    expect(format({ ...LINE, msg: 'listens' }, { ...LINE, job_id: 'j', msg: 'started' })).toEqual([
      'INFO: listens\n',
      'INFO: started {"job_id":"j"}\n',
    ]);
  });

  it('writes a request as method, URL, status and duration', () => {
    expect(format({ ...REQUEST, res: { status: 200 } })).toEqual(['INFO: GET /api/jobs 200 (3 ms)\n']);
  });

  it('adds the id of a request that failed', () => {
    expect(format({ ...REQUEST, res: { status: 404 } })).toEqual([
      'INFO: GET /api/jobs 404 (3 ms) request_id=r-1\n',
    ]);
    expect(format({ ...LINE, level: 40, request_id: 'r-2', msg: 'refused' })).toEqual([
      'WARN: refused request_id=r-2\n',
    ]);
  });

  it('writes the stack of an error', () => {
    const err = { type: 'Error', message: 'broken', stack: 'Error: broken\n    at somewhere' };
    expect(format({ ...LINE, level: 50, err, msg: 'failed' }).join('')).toContain('at somewhere');
  });

  it('writes each line before write returns', () => {
    const written: string[] = [];
    prettyStream({ write: (text) => written.push(text) }, { colorize: false }).write(
      `${JSON.stringify(LINE)}\n`,
    );
    expect(written).toHaveLength(1);
  });
});
