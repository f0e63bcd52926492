import { BlockList, isIP } from 'node:net';

/** IPv4 that leads to no public machine (IANA's special-purpose registry). */
const PRIVATE_4: readonly (readonly [network: string, bits: number])[] = [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
  ] as const),
  ...([
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
  ] as const),
  ...([
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
  ] as const),
  ...([
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const),
];
/** Of the public IPv6 what leads elsewhere: Teredo and its like, documentation, 6to4. */
const PRIVATE_6: typeof PRIVATE_4 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const private4 = new BlockList();
for (const [network, bits] of PRIVATE_4) private4.addSubnet(network, bits, 'ipv4');
const public6 = new BlockList();
public6.addSubnet('2000::', 3, 'ipv6');
const private6 = new BlockList();
for (const [network, bits] of PRIVATE_6) private6.addSubnet(network, bits, 'ipv6');

/** Whether an IP address, as DNS or an URL has it, is one of the public internet; an IPv4 in an IPv6 never is. */
export const isPublicAddress = (address: string): boolean => {
  const family = isIP(address);
  if (family === 4) return !private4.check(address, 'ipv4');
  // A zone (%eth0) belongs to link-local addresses alone.
  return (
    family === 6 &&
    !address.includes('%') &&
    public6.check(address, 'ipv6') &&
    !private6.check(address, 'ipv6')
  );
};
