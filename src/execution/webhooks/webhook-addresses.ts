/**
 * The addresses that callbacks may go to: global unicast, and nothing else, so that nobody reaches by a callback what only
 * this machine and its neighbours may reach. By the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890).
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

type Subnet = readonly [network: string, prefix: number];

const NOT_GLOBAL_IPV4 = subnets('ipv4', [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private use
  ['100.64.0.0', 10], // shared address space of carriers
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local; the metadata of clouds
  ['172.16.0.0', 12], // private use
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays, deprecated
  ['192.168.0.0', 16], // private use
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast (RFC 5771)
  ['240.0.0.0', 4], // reserved, and broadcast
]);

/** All that IANA gives out as global unicast; what is not in it is loopback, local, multicast or reserved. */
const GLOBAL_IPV6 = subnets('ipv6', [['2000::', 3]]);

const NOT_GLOBAL_IPV6 = subnets('ipv6', [
  ['2001::', 23], // protocol assignments: Teredo, benchmarks, …
  ['2001:db8::', 32], // documentation
  ['3fff::', 20], // documentation
]);

/** "Globally reachable" within 2001::/23. */
const GLOBAL_ASSIGNMENTS = subnets('ipv6', [
  ['2001:1::1', 128], // Port Control Protocol anycast
  ['2001:1::2', 128], // TURN anycast
  ['2001:1::3', 128], // DNS-SD SRP anycast
  ['2001:3::', 32], // AMT
  ['2001:4:112::', 48], // AS112
  ['2001:20::', 28], // ORCHIDv2
  ['2001:30::', 28], // drone remote identification
]);

/** Addresses that lead to an IPv4 address, and the group of 16 bits at which it begins. */
const IPV4_WITHIN = [
  { subnet: subnets('ipv6', [['::ffff:0:0', 96]]), at: 6 }, // IPv4-mapped
  { subnet: subnets('ipv6', [['64:ff9b::', 96]]), at: 6 }, // NAT64 (RFC 6052)
  { subnet: subnets('ipv6', [['2002::', 16]]), at: 1 }, // 6to4 (RFC 3056)
];

/** @param address a literal, without brackets; anything else is not global */
export function isGlobalAddress(address: string): boolean {
  if (isIPv4(address)) return !NOT_GLOBAL_IPV4.check(address, 'ipv4');
  // With a zone it is meant for one link alone.
  if (!isIPv6(address) || address.includes('%')) return false;
  const carrier = IPV4_WITHIN.find(({ subnet }) => subnet.check(address, 'ipv6'));
  if (carrier) return isGlobalAddress(ipv4At(carrier.at, groupsOf(address)));
  if (GLOBAL_ASSIGNMENTS.check(address, 'ipv6')) return true;
  return GLOBAL_IPV6.check(address, 'ipv6') && !NOT_GLOBAL_IPV6.check(address, 'ipv6');
}

function subnets(family: 'ipv4' | 'ipv6', all: readonly Subnet[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of all) list.addSubnet(network, prefix, family);
  return list;
}

/** The eight groups of 16 bits of an IPv6 address, from the one form in which a URL writes it (WHATWG URL, 3.5). */
function groupsOf(address: string): readonly number[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = [], tail = []] = canonical
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16));
}

const ipv4At = (at: number, groups: readonly number[]): string =>
  groups
    .slice(at, at + 2)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.');
