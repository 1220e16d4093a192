import { HttpService } from '@nestjs/axios';
import { Injectable, Logger } from '@nestjs/common';
import type { Job } from '../../jobs/job';
import { PEER_HEADER, PeerAddress } from './peer-address';

/** Milliseconds to connect and to stop the process tree. The caller also waits until the lease expires. */
const REQUEST_TIMEOUT_MS = 10_000;

/** Cancels executions that other gateways run. */
@Injectable()
export class PeerCanceller {
  private readonly logger = new Logger(PeerCanceller.name);

  constructor(
    private readonly http: HttpService,
    private readonly self: PeerAddress,
  ) {}

  /** @returns whether the other gateway responded; read the job for the result */
  async cancel({ jobId, dispatch }: Job): Promise<boolean> {
    const worker = dispatch?.worker ?? null;
    if (worker === null || worker === this.self.url()) return false;
    try {
      await this.http.axiosRef.request({
        method: 'POST',
        url: `${worker}/api/cancel/${jobId}`,
        // Without a body axios would still send the content type of a form, which the gateway rejects.
        headers: { 'content-type': false, [PEER_HEADER]: '1' },
        timeout: REQUEST_TIMEOUT_MS,
        validateStatus: () => true,
        maxRedirects: 0,
        proxy: false,
      });
      return true;
    } catch (error) {
      this.logger.warn({ err: error, job_id: jobId }, 'failed to reach the gateway that runs the job');
      return false;
    }
  }
}
