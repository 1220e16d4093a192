/** Asks the process that runs an execution to end it. */
import { HttpService } from '@nestjs/axios';
import { Injectable, Logger } from '@nestjs/common';
import type { Job } from '../../jobs/job';
import { PEER_HEADER, PeerAddress } from './peer-address';

/** ms to connect and to see the process tree gone; the end of the lease is waited for besides. */
const CALL_TIMEOUT_MS = 10_000;

@Injectable()
export class PeerCanceller {
  private readonly logger = new Logger(PeerCanceller.name);

  constructor(
    private readonly http: HttpService,
    private readonly self: PeerAddress,
  ) {}

  /** @returns whether the process has answered; the job tells what became of it */
  async cancel({ jobId, dispatch }: Job): Promise<boolean> {
    const worker = dispatch?.worker ?? null;
    if (worker === null || worker === this.self.url()) return false;
    try {
      await this.http.axiosRef.request({
        method: 'POST',
        url: `${worker}/api/cancel/${jobId}`,
        // There is no body; without this axios would announce a form, which is refused.
        headers: { 'content-type': false, [PEER_HEADER]: '1' },
        timeout: CALL_TIMEOUT_MS,
        validateStatus: () => true,
        maxRedirects: 0,
        proxy: false,
      });
      return true;
    } catch (error) {
      this.logger.warn({ err: error, job_id: jobId }, 'the gateway that runs an execution cannot be reached');
      return false;
    }
  }
}
