import { Injectable } from '@nestjs/common';
import { QueueSettings } from '../../config/settings';
import type { Job } from '../../jobs/job';
import type { Lease } from '../../jobs/job-transitions';
import { JobRepository } from '../../jobs/job.repository';
import { PeerAddress } from '../peers/peer-address';
import type { StopCause } from './active-executions';
import { LeaseRenewal, leaseEnd } from './lease-renewal';

/** The leases of this process on the attempts that it runs. */
@Injectable()
export class LeaseService {
  constructor(
    private readonly jobs: JobRepository,
    private readonly address: PeerAddress,
    private readonly settings: QueueSettings,
  ) {}

  /** Creates the lease of an attempt that starts now; it lasts EXECUTION_LEASE. */
  create(): Lease {
    return { worker: this.address.url(), dueAt: leaseEnd(this.settings.leaseMs) };
  }

  /**
   * Renews the lease of a RUNNING job until the renewal is ended.
   * @param stop called when the attempt must stop: a client cancelled it, or another process took the job over
   */
  startRenewal(job: Job, stop: (cause: StopCause) => void): LeaseRenewal {
    return new LeaseRenewal(this.jobs, job, this.settings.leaseMs, stop);
  }
}
