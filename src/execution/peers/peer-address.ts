/** Where other gateways reach this one, for what only the process that runs an execution can do. */
import { networkInterfaces } from 'node:os';
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { formatHttpUrl, getListenAddress } from '../../common/http/listen-address';
import { QueueSettings, ServerSettings } from '../../config/settings';

/** A request of another gateway has it: it is answered from what runs here, and never passed on again. */
export const PEER_HEADER = 'x-service-server-peer';

@Injectable()
export class PeerAddress {
  constructor(
    private readonly server: ServerSettings,
    private readonly settings: QueueSettings,
    private readonly host: HttpAdapterHost,
  ) {}

  /** Without a slash at the end. */
  url(): string {
    if (this.settings.peerUrl !== undefined) return this.settings.peerUrl;
    const { host, isAnyAddress, port } = getListenAddress(this.host, this.server);
    return formatHttpUrl(isAnyAddress ? firstAddress() : host, port);
  }
}

/** In a container, the one that other containers of its network have too. */
function firstAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  const outside = addresses.filter(({ internal }) => !internal);
  return (outside.find(({ family }) => family === 'IPv4') ?? outside[0])?.address ?? '127.0.0.1';
}
