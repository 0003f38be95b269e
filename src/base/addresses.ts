import { BlockList, isIP } from 'node:net';

/**
 * Which network addresses are not the public internet (IANA special-purpose registries). Used to keep outgoing requests from
 * reaching inner services (server-side request forgery).
 */
const special4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/** Inside 2000::/3, the only block of IPv6 that is routed publicly; some of these carry an IPv4 address within. */
const special6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

function listOf(subnets: readonly (readonly [string, number])[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, family);
  return list;
}

/** Beside this very machine on the wire: what a cloud's metadata service listens on. Nobody's EHR is there. */
const linkLocal6 = listOf([['fe80::', 10]], 'ipv6');
const linkLocal4 = listOf(
  [
    ['0.0.0.0', 8],
    ['169.254.0.0', 16],
    ['224.0.0.0', 3],
  ],
  'ipv4',
);
const blocked4 = listOf(special4, 'ipv4');
const blocked6 = listOf(special6, 'ipv6');
const routed6 = listOf([['2000::', 3]], 'ipv6');
const loopback6 = listOf([['::1', 128]], 'ipv6');
const loopback4 = listOf([['127.0.0.0', 8]], 'ipv4');

/** True for an address anyone on the internet could reach. Anything that is not an IP address: false. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !blocked4.check(address, 'ipv4');
  return family === 6 && routed6.check(address, 'ipv6') && !blocked6.check(address, 'ipv6');
}

/** True for an address that may be a hospital's inside its own network: anything but link-local, multicast and nowhere. */
export function isReachableAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !linkLocal4.check(address, 'ipv4');
  // An IPv4 address written as IPv6 is judged as what it is.
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return isReachableAddress(mapped);
  return family === 6 && address !== '::' && !linkLocal6.check(address, 'ipv6') && !/^ff/i.test(address);
}

/** Names that mean something inside of a network only: without a dot, or under a name reserved for it. */
export function isInnerName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  return !name.includes('.') || /\.(internal|local|localdomain|intranet|lan|home|corp|home\.arpa)$/.test(name);
}

export function isLoopbackAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return loopback4.check(address, 'ipv4');
  return family === 6 && loopback6.check(address, 'ipv6');
}

/** `localhost`, a name under it, or a loopback address as a URL's hostname writes it (IPv6 in brackets). */
export function isLoopbackHost(hostname: string): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) return true;
  return isLoopbackAddress(bareHost(hostname));
}

/** A URL's hostname without the brackets of an IPv6 literal. */
export function bareHost(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

/**
 * True when an address that a server names (its token endpoint, its keys) is a URL at least as well protected as the address we know
 * the server by: https, or http where that is http itself. So a hospital's answer cannot lead us to a plain service on this machine.
 */
export function isAsProtected(address: string, known: string): boolean {
  if (!URL.canParse(address) || !URL.canParse(known)) return false;
  const { protocol } = new URL(address);
  return protocol === 'https:' || (protocol === 'http:' && new URL(known).protocol === 'http:');
}

/** One IPv4 address, or the /64 network of an IPv6 one: whoever has one address of it has all. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = address.toLowerCase().split('%', 1).join('').split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':');
    while (groups.length + after.length < 8) groups.push('0');
    groups.push(...after);
  }
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
