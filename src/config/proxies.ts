/** The load balancers that are believed when they say whom they speak for. */
import { isIP } from 'node:net';
import { ValidateBy } from 'class-validator';

export const parseProxyList = (list = ''): string[] =>
  list
    .split(',')
    .map((proxy) => proxy.trim())
    .filter((proxy) => proxy !== '');

export const IsProxyList = (): PropertyDecorator =>
  ValidateBy({
    name: 'areProxies',
    validator: {
      validate: (value) => typeof value === 'string' && parseProxyList(value).every(isAddressOrCidr),
      defaultMessage: () => 'must be IP addresses or CIDRs, separated by commas',
    },
  });

/** Everyone cannot be a proxy: with a prefix of 0 each client could say that it is another one. */
function isAddressOrCidr(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (prefix === undefined) return bits > 0;
  return more.length === 0 && /^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= bits;
}
