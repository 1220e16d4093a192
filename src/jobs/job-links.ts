import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { formatHttpUrl, getListenAddress } from '../common/http/listen-address';
import { ServerSettings } from '../config/settings';

/** Builds absolute links for responses. */
@Injectable()
export class JobLinks {
  constructor(
    private readonly settings: ServerSettings,
    private readonly host: HttpAdapterHost,
  ) {}

  logsUrl(jobId: string): string {
    return `${this.baseUrl()}/api/jobs/${jobId}/logs`;
  }

  /** PUBLIC_URL, or else the listen address, whose port is known only after start-up if SERVER_PORT is 0. */
  baseUrl(): string {
    if (this.settings.publicUrl !== undefined) return this.settings.publicUrl;
    const { host, isAnyAddress, port } = getListenAddress(this.host, this.settings);
    return formatHttpUrl(isAnyAddress ? 'localhost' : host, port);
  }
}
