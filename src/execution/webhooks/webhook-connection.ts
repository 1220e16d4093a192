/**
 * A connection for one callback, to an address that is allowed and to no other. What a name resolves to is checked before
 * anything is connected, and once more what is connected, before a byte is sent: between two resolutions a name may change.
 */
import { lookup } from 'node:dns';
import { once } from 'node:events';
import { type LookupFunction, type Socket, connect, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Whether an address may be called. */
export type AddressPolicy = (address: string) => boolean;

export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';
}

/** @throws ForbiddenAddressError also when only one of the addresses of a name is forbidden */
export async function openConnection(url: URL, allows: AddressPolicy, signal: AbortSignal): Promise<Socket> {
  const host = getHost(url);
  // An address is not looked up.
  if (isIP(host) > 0 && !allows(host)) throw new ForbiddenAddressError();
  const socket = connect({ host, port: portOf(url), lookup: guardedLookup(allows) });
  socket.on('error', ignore);
  try {
    await once(socket, 'connect', { signal });
    if (!allows(socket.remoteAddress ?? '')) throw new ForbiddenAddressError();
    return url.protocol === 'https:' ? await secured(socket, host, signal) : socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Without the brackets of an IPv6 address. */
export const getHost = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

const portOf = ({ port, protocol }: URL): number => Number(port || (protocol === 'https:' ? 443 : 80));

function guardedLookup(allows: AddressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses as typeof addresses | [undefined];
      if (error) callback(error, []);
      else if (!first || !addresses.every(({ address }) => allows(address)))
        callback(new ForbiddenAddressError(), []);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

async function secured(socket: Socket, host: string, signal: AbortSignal): Promise<Socket> {
  // RFC 6066: no address is a server name.
  const name = isIP(host) > 0 ? {} : { servername: host };
  const secure = connectTls({ socket, host, ...name, ALPNProtocols: ['http/1.1'] });
  secure.on('error', ignore);
  await once(secure, 'secureConnect', { signal });
  return secure;
}

/** Whoever waits for the socket hears of it; what comes later is of no use to anybody, and must not end the process. */
const ignore = (): void => undefined;
