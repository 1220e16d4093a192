import { networkInterfaces } from 'node:os';
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { formatHttpUrl, getListenAddress } from '../../common/http/listen-address';
import { QueueSettings, ServerSettings } from '../../config/settings';

/** Marks a request from another gateway, which is served from this process alone and never forwarded. */
export const PEER_HEADER = 'x-service-server-peer';

/** The URL at which other gateways reach this one, for operations that need the process that runs an execution. */
@Injectable()
export class PeerAddress {
  constructor(
    private readonly server: ServerSettings,
    private readonly settings: QueueSettings,
    private readonly host: HttpAdapterHost,
  ) {}

  /** @returns the base URL without a trailing slash: PEER_URL, or one with an address of this host */
  url(): string {
    if (this.settings.peerUrl !== undefined) return this.settings.peerUrl;
    const { host, isAnyAddress, port } = getListenAddress(this.host, this.server);
    return formatHttpUrl(isAnyAddress ? firstAddress() : host, port);
  }
}

/** In a container this is the address in the network of the containers. */
function firstAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  const external = addresses.filter(({ internal }) => !internal);
  return (external.find(({ family }) => family === 'IPv4') ?? external[0])?.address ?? '127.0.0.1';
}
