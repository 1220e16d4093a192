import type { AddressInfo, Server } from 'node:net';
import type { HttpAdapterHost } from '@nestjs/core';

const ANY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/**
 * @param settings the configured address. Its port is returned until the server listens; 0 means any free port.
 * @returns where this process listens
 */
export function getListenAddress(
  { httpAdapter }: HttpAdapterHost,
  settings: { readonly host: string; readonly port: number },
): { readonly host: string; readonly isAnyAddress: boolean; readonly port: number } {
  const address = (httpAdapter.getHttpServer() as Server).address() as AddressInfo | null;
  const { host } = settings;
  return { host, isAnyAddress: ANY_ADDRESS.has(host), port: address?.port ?? settings.port };
}

export const formatHttpUrl = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port.toString()}`;
