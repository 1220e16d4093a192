/** Absolute links in answers. */
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { formatHttpUrl, getListenAddress } from '../common/http/listen-address';
import { ServerSettings } from '../config/settings';

@Injectable()
export class JobLinks {
  constructor(
    private readonly settings: ServerSettings,
    private readonly host: HttpAdapterHost,
  ) {}

  logsUrl(jobId: string): string {
    return `${this.baseUrl()}/api/jobs/${jobId}/logs`;
  }

  /** Without PUBLIC_URL the address listened on, whose port is known only while listening when SERVER_PORT is 0. */
  baseUrl(): string {
    if (this.settings.publicUrl !== undefined) return this.settings.publicUrl;
    const { host, isAnyAddress, port } = getListenAddress(this.host, this.settings);
    return formatHttpUrl(isAnyAddress ? 'localhost' : host, port);
  }
}
