/** Absolute links in answers. */
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { httpUrl, listeningOn } from '../common/http/listening';
import { ServerSettings } from '../config/settings';

@Injectable()
export class JobLinks {
  constructor(
    private readonly settings: ServerSettings,
    private readonly host: HttpAdapterHost,
  ) {}

  logs(jobId: string): string {
    return `${this.base()}/api/jobs/${jobId}/logs`;
  }

  /** Without PUBLIC_URL the address listened on, whose port is known only while listening when SERVER_PORT is 0. */
  base(): string {
    if (this.settings.publicUrl !== undefined) return this.settings.publicUrl;
    const { host, isAnyAddress, port } = listeningOn(this.host, this.settings);
    return httpUrl(isAnyAddress ? 'localhost' : host, port);
  }
}
