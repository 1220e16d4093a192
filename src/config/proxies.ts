import { isIP } from 'node:net';
import { ValidateBy } from 'class-validator';

/** Parses a comma-separated list. */
export const parseProxyList = (list = ''): string[] =>
  list
    .split(',')
    .map((proxy) => proxy.trim())
    .filter((proxy) => proxy !== '');

/** A comma-separated list of IP addresses and CIDRs. */
export const IsProxyList = (): PropertyDecorator =>
  ValidateBy({
    name: 'isProxyList',
    validator: {
      validate: (value) => typeof value === 'string' && parseProxyList(value).every(isAddressOrCidr),
      defaultMessage: () => 'must be IP addresses or CIDRs, separated by commas',
    },
  });

/** A prefix of 0 is rejected: it would trust every client, and each could forge its address. */
function isAddressOrCidr(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (prefix === undefined) return bits > 0;
  return more.length === 0 && /^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= bits;
}
