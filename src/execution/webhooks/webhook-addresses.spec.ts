import { isGlobalAddress } from './webhook-addresses';

/** Name, first and last address of each block, and its neighbours outside. */
const BLOCKS: [string, string, string, string, string][] = [
  ['0/8', '0.0.0.0', '0.255.255.255', '', '1.0.0.0'],
  ['10/8', '10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0'],
  ['100.64/10', '100.64.0.0', '100.127.255.255', '100.63.255.255', '100.128.0.0'],
  ['127/8', '127.0.0.1', '127.255.255.255', '126.255.255.255', '128.0.0.0'],
  ['169.254/16', '169.254.0.0', '169.254.255.255', '169.253.255.255', '169.255.0.0'],
  ['172.16/12', '172.16.0.0', '172.31.255.255', '172.15.255.255', '172.32.0.0'],
  ['192.0.0/24', '192.0.0.0', '192.0.0.255', '191.255.255.255', '192.0.1.0'],
  ['192.0.2/24', '192.0.2.0', '192.0.2.255', '192.0.1.255', '192.0.3.0'],
  ['192.88.99/24', '192.88.99.0', '192.88.99.255', '192.88.98.255', '192.88.100.0'],
  ['192.168/16', '192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0'],
  ['198.18/15', '198.18.0.0', '198.19.255.255', '198.17.255.255', '198.20.0.0'],
  ['198.51.100/24', '198.51.100.0', '198.51.100.255', '198.51.99.255', '198.51.101.0'],
  ['203.0.113/24', '203.0.113.0', '203.0.113.255', '203.0.112.255', '203.0.114.0'],
  ['224/4 and 240/4', '224.0.0.0', '255.255.255.255', '223.255.255.255', ''],
  ['2001::/23', '2001::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff', '2000:ffff::', '2001:200::'],
  ['2001:db8::/32', '2001:db8::', '2001:db8:ffff::1', '2001:db7::', '2001:db9::'],
  ['3fff::/20', '3fff::', '3fff:fff:ffff::1', '3ffe:ffff::1', '3fff:1000::'],
  ['everything below 2000::/3', '::', '1fff:ffff::1', '', '2000::'],
  ['everything above 2000::/3', '4000::', 'ffff:ffff::1', '3fff:ffff::1', ''],
];

describe('isGlobalAddress', () => {
  it.each(BLOCKS)(
    'rejects the ends of %s and accepts its neighbours',
    (_block, first, last, before, after) => {
      expect([first, last].filter(isGlobalAddress)).toEqual([]);
      const neighbours = [before, after].filter((address) => address !== '');
      expect(neighbours.filter((address) => !isGlobalAddress(address))).toEqual([]);
    },
  );

  it.each([
    ['loopback', '::1'],
    ['unspecified', '::'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['global with a zone', '2606:4700::1%eth0'],
    ['global with a zone that has punctuation', '2606:4700::1%eth0.1:2'],
    ['unique local', 'fd00::1'],
    ['unique local: the metadata of EC2', 'fd00:ec2::254'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['discard-only', '100::1'],
    ['SRv6', '5f00::1'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['benchmarking', '2001:2::1'],
    ['ORCHID', '2001:10::1'],
    ['NAT64 of local use', '64:ff9b:1::808:808'],
    ['IPv4-compatible', '::8.8.8.8'],
    ['IPv4-translated', '::ffff:0:8.8.8.8'],
  ])('rejects %s addresses', (_what, address) => {
    expect(isGlobalAddress(address)).toBe(false);
  });

  it.each([
    ['a name server', '8.8.8.8'],
    ['a name server', '2001:4860:4860::8888'],
    ['a name server', '2606:4700:4700:0:0:0:0:1111'],
    ['PCP anycast', '2001:1::1'],
    ['AMT', '2001:3::1'],
    ['AS112', '2001:4:112::1'],
    ['ORCHIDv2', '2001:2f:ffff::1'],
    ['drone remote identification', '2001:30::1'],
  ])('accepts %s: %s', (_what, address) => {
    expect(isGlobalAddress(address)).toBe(true);
  });

  it.each<[string, (high: string, low: string) => string]>([
    ['IPv4-mapped', (high, low) => `::ffff:${high}:${low}`],
    ['NAT64', (high, low) => `64:ff9b::${high}:${low}`],
    ['6to4', (high, low) => `2002:${high}:${low}:1::1`],
  ])('accepts %s addresses if the embedded IPv4 address is global', (_what, wrap) => {
    const addresses = {
      '7f00:1': false,
      '0:0': false,
      'a01:203': false,
      'a9fe:a9fe': false,
      'c0a8:1': false,
      'ac10:1': false,
      'ffff:ffff': false,
      '808:808': true,
      '102:304': true,
      'ac20:0': true,
    };
    const found = Object.keys(addresses).map((pair) => {
      const [high = '', low = ''] = pair.split(':');
      return [pair, isGlobalAddress(wrap(high, low))];
    });
    expect(Object.fromEntries(found)).toEqual(addresses);
  });

  it.each(['::ffff:127.0.0.1', '64:ff9b::10.0.0.1', '0:0:0:0:0:FFFF:7F00:0001'])('rejects %s', (address) => {
    expect(isGlobalAddress(address)).toBe(false);
  });

  it.each(['', 'localhost', '8.8.8', '8.8.8.8.', '[2606:4700::1]', '08.8.8.8'])(
    'rejects text that is not an address: %j',
    (text) => {
      expect(isGlobalAddress(text)).toBe(false);
    },
  );
});
