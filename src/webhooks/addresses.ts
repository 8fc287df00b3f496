/**
 * Which addresses a receiver on the internet can have. An address of this machine or network is none: who
 * may edit the settings could otherwise let events knock on doors inside.
 */
import ipaddr from 'ipaddr.js';

/**
 * Why an address is not one of the internet, or null where it is.
 *
 * | IPv4                                             | IPv6 |
 * |--------------------------------------------------|------|
 * | everything that the registry of special addresses has (private, loopback, link-local, shared, multicast, documentation, benchmarks, reserved …) | everything outside of 2000::/3, and in it whatever the registry has (6to4, Teredo, documentation, benchmarks …) |
 * | 168.63.129.16: the host of a machine in Azure, at a public address | an IPv4 address within (mapped, NAT64): as that one is judged |
 *
 * @example whyRefused('::ffff:7f00:1') // 'it is a loopback address'
 */
export const whyRefused = (address: string): string | null => {
  if (address.includes('%')) return 'it is an address of one network interface';
  if (!ipaddr.isValid(address)) return 'it is no address';
  return judge(ipaddr.parse(address));
};

const judge = (address: ipaddr.IPv4 | ipaddr.IPv6): string | null => {
  if (address instanceof ipaddr.IPv6) return judgeIPv6(address);
  if (address.toString() === AZURE_HOST) return WORDS.linkLocal ?? '';
  const range = address.range();
  return range === 'unicast' ? null : wordsFor(range);
};

/** "WireServer", which answers inside of Azure alone. */
const AZURE_HOST = '168.63.129.16';

const judgeIPv6 = (address: ipaddr.IPv6): string | null => {
  if (address.isIPv4MappedAddress()) return judge(address.toIPv4Address());
  const inside = translated(address);
  if (inside !== null) return judge(inside);
  const range = address.range();
  if (range !== 'unicast') return wordsFor(range);
  if (!address.match(GLOBAL, 3)) return wordsFor('reserved');
  return address.match(DOCUMENTATION, 20) ? wordsFor('reserved') : null;
};

/** What is given out to the internet (RFC 4291). */
const GLOBAL = ipaddr.IPv6.parse('2000::');
/** RFC 9637. */
const DOCUMENTATION = ipaddr.IPv6.parse('3fff::');
/** RFC 6052: a gateway sends what goes here to the IPv4 address in the last four bytes. */
const NAT64 = ipaddr.IPv6.parse('64:ff9b::');

const translated = (address: ipaddr.IPv6): ipaddr.IPv4 | null =>
  address.match(NAT64, 96) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : null;

const WORDS: Readonly<Record<string, string>> = {
  loopback: 'it is a loopback address',
  private: 'it is a private address',
  linkLocal: 'it is a link-local address, such as those of cloud metadata',
  uniqueLocal: 'it is a unique-local address',
  carrierGradeNat: 'it is an address shared behind a provider (CGNAT)',
  multicast: 'it is a multicast address',
  broadcast: 'it is the broadcast address',
  unspecified: 'it is the unspecified address',
  '6to4': 'it is a 6to4 address, which leads to another',
  teredo: 'it is a Teredo address, which leads to another',
};

const wordsFor = (range: string): string => WORDS[range] ?? 'it is a reserved address';
