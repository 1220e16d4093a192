import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Ranges of ipaddr.js that the IANA registries call globally reachable, besides ordinary unicast. */
const GLOBAL_IPV4_RANGES = ['unicast', 'as112', 'amt'];
const GLOBAL_IPV6_RANGES = ['unicast', 'as112v6', 'amt', 'orchid2', 'droneRemoteIdProtocolEntityTags'];

/** Global unicast (RFC 4291, 2.4). Outside of it ipaddr.js calls unassigned space unicast, too. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/** Globally reachable addresses in 2001::/23, which ipaddr.js calls reserved. */
const GLOBAL_ANYCAST = [
  '2001:1::1', // Port Control Protocol (RFC 7723)
  '2001:1::2', // TURN (RFC 8155)
  '2001:1::3', // DNS-SD Service Registration Protocol (RFC 9665)
];

/** Prefixes of addresses that lead to an IPv4 address, and the index of the first of its two groups of 16 bits. */
const EMBEDDED_IPV4 = [
  { subnet: ipaddr.IPv6.parseCIDR('::ffff:0:0/96'), group: 6 }, // IPv4-mapped (RFC 4291, 2.5.5.2)
  { subnet: ipaddr.IPv6.parseCIDR('64:ff9b::/96'), group: 6 }, // NAT64 (RFC 6052)
  { subnet: ipaddr.IPv6.parseCIDR('2002::/16'), group: 1 }, // 6to4 (RFC 3056)
];

/**
 * Whether webhooks may be sent to an address: only to global unicast, so that a client cannot use the service to reach
 * its host or its internal network. Follows the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890).
 * @param address a literal without brackets; anything else is not global
 */
export function isGlobalAddress(address: string): boolean {
  // ipaddr.js alone would accept short, octal and hexadecimal forms of IPv4 addresses, too.
  if (isIP(address) === 0 || hasZone(address) || isIpv4Compatible(address)) return false;
  const parsed = ipaddr.parse(address);
  return parsed.kind() === 'ipv4' ? isGlobalIpv4(parsed as ipaddr.IPv4) : isGlobalIpv6(parsed as ipaddr.IPv6);
}

/** An address with a zone (RFC 4007, 11) is valid on one link only. ipaddr.js knows only zones of letters and digits. */
const hasZone = (address: string): boolean => address.includes('%');

/** Deprecated (RFC 4291, 2.5.5.1). ipaddr.js takes this form for an IPv4-mapped address. */
const isIpv4Compatible = (address: string): boolean =>
  address.startsWith('::') && isIP(address.slice('::'.length)) === 4;

const isGlobalIpv4 = (address: ipaddr.IPv4): boolean => GLOBAL_IPV4_RANGES.includes(address.range());

function isGlobalIpv6(address: ipaddr.IPv6): boolean {
  const embedded = EMBEDDED_IPV4.find(({ subnet }) => address.match(subnet));
  if (embedded) return isGlobalIpv4(embeddedIpv4(address, embedded.group));
  if (GLOBAL_ANYCAST.includes(address.toString())) return true;
  return address.match(GLOBAL_UNICAST) && GLOBAL_IPV6_RANGES.includes(address.range());
}

const embeddedIpv4 = (address: ipaddr.IPv6, group: number): ipaddr.IPv4 =>
  new ipaddr.IPv4(address.toByteArray().slice(2 * group, 2 * group + 4));
