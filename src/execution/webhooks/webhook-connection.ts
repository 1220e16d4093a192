import { lookup } from 'node:dns';
import { once } from 'node:events';
import { type LookupFunction, type Socket, connect, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Whether a webhook may be sent to an address. */
export type AddressPolicy = (address: string) => boolean;

export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';
}

/**
 * Opens a connection to an allowed address. The addresses of a name are checked before connecting. The remote address is
 * checked again before anything is sent, because a name may resolve to another address the second time.
 * @throws ForbiddenAddressError also when only one of the addresses of a name is forbidden
 */
export async function openConnection(
  url: URL,
  isAllowed: AddressPolicy,
  signal: AbortSignal,
): Promise<Socket> {
  const host = getHost(url);
  // For an address, Node does not call the lookup function.
  if (isIP(host) > 0 && !isAllowed(host)) throw new ForbiddenAddressError();
  const socket = connect({ host, port: portOf(url), lookup: guardedLookup(isAllowed) });
  socket.on('error', ignore);
  try {
    await once(socket, 'connect', { signal });
    if (!isAllowed(socket.remoteAddress ?? '')) throw new ForbiddenAddressError();
    return url.protocol === 'https:' ? await upgradeToTls(socket, host, signal) : socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** @returns the host name without the brackets of an IPv6 address */
export const getHost = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

const portOf = ({ port, protocol }: URL): number => Number(port || (protocol === 'https:' ? 443 : 80));

function guardedLookup(isAllowed: AddressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses as typeof addresses | [undefined];
      if (error) callback(error, []);
      else if (!first || !addresses.every(({ address }) => isAllowed(address)))
        callback(new ForbiddenAddressError(), []);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

async function upgradeToTls(socket: Socket, host: string, signal: AbortSignal): Promise<Socket> {
  // An address is not allowed as a server name (RFC 6066, 3).
  const name = isIP(host) > 0 ? {} : { servername: host };
  const secure = connectTls({ socket, host, ...name, ALPNProtocols: ['http/1.1'] });
  secure.on('error', ignore);
  await once(secure, 'secureConnect', { signal });
  return secure;
}

/** `once` reports errors while it waits. A later error is irrelevant, but without a listener it would end the process. */
const ignore = (): void => undefined;
