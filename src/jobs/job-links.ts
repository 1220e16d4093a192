/** Absolute links in answers. */
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { AddressInfo, Server } from 'node:net';
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
    const address = (this.host.httpAdapter.getHttpServer() as Server).address() as AddressInfo | null;
    const host = ANY_ADDRESS.has(this.settings.host) ? 'localhost' : this.settings.host;
    return `http://${host.includes(':') ? `[${host}]` : host}:${(address?.port ?? this.settings.port).toString()}`;
  }
}

const ANY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);
