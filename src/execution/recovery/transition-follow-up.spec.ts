import type { Dispatch, Job, JobStatus } from '../../jobs/job';
import type { QueuedRequestStore } from '../queue/queued-request.store';
import type { JobCheckTimers } from './job-check-timers';
import { TransitionFollowUp } from './transition-follow-up';

const job = (status: JobStatus, requestKey: string | null): Job =>
  ({ status, dispatch: { requestKey } as Dispatch }) as Job;

describe('TransitionFollowUp', () => {
  const requests = { delete: jest.fn<Promise<void>, [string]>().mockResolvedValue(undefined) };
  const timers = { schedule: jest.fn() };
  const followUp = new TransitionFollowUp(
    requests as unknown as QueuedRequestStore,
    timers as unknown as JobCheckTimers,
  );
  beforeEach(() => {
    requests.delete.mockClear();
    timers.schedule.mockClear();
  });

  it('deletes the stored request when the execution has ended', () => {
    followUp.start(job('RUNNING', 'requests/x.json'), job('FAILED', null));
    expect(requests.delete).toHaveBeenCalledWith('requests/x.json');
  });

  it('keeps the stored request of an execution that is queued again', () => {
    followUp.start(job('RUNNING', 'requests/x.json'), job('QUEUED', 'requests/x.json'));
    expect(requests.delete).not.toHaveBeenCalled();
  });

  it('deletes nothing after a synchronous execution', () => {
    followUp.start(job('RUNNING', null), job('SUCCESS', null));
    expect(requests.delete).not.toHaveBeenCalled();
  });

  it('schedules the check of the new state', () => {
    const after = job('QUEUED', 'requests/x.json');
    followUp.start(job('RUNNING', 'requests/x.json'), after);
    expect(timers.schedule).toHaveBeenCalledWith(after);
  });
});
