// Which addresses a guest may reach: those of the public internet, and what the operator has allowed. Everything else
// is refused by not being on the list, so that a range which nobody thought of is not reachable. Judges addresses as
// they come out of the resolver or of a parsed URL, never names.
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Block = [Address, number];

/** Whether this address may be reached. What is no address may not. */
export type AddressCheck = (address: string) => boolean;

/**
 * @param allowPrivate CIDRs, or single addresses, that may be reached though they are not public
 * @throws RangeError for an entry that is neither
 */
export function makeAddressCheck(allowPrivate: readonly string[]): AddressCheck {
  const allowed = allowPrivate.map(parseBlock);
  const isListed = (address: Address) => allowed.some((block) => contains(block, address));
  return (text) => {
    // IPv4-compatible addresses lead nowhere, and the library takes their dotted form for a mapped one.
    if (!ipaddr.isValid(text) || /^::\d+\./.test(text)) return false;
    const address = ipaddr.parse(text);
    return isListed(address) || targetsOf(address).every((target) => isListed(target) || isPublic(target));
  };
}

function parseBlock(text: string): Block {
  const trimmed = text.trim();
  if (ipaddr.isValidCIDR(trimmed)) return ipaddr.parseCIDR(trimmed);
  // Short forms such as `10.1` mean something else to everybody: only the full one is taken.
  if (ipaddr.IPv4.isValidFourPartDecimal(trimmed)) return [ipaddr.parse(trimmed), 32];
  if (ipaddr.IPv6.isValid(trimmed)) return [ipaddr.parse(trimmed), 128];
  throw new RangeError(`an allowed address must be a CIDR such as 10.0.0.0/8: got "${text}"`);
}

function contains([network, bits]: Block, address: Address): boolean {
  return network.kind() === address.kind() && address.match(network, bits);
}

/**
 * Where a packet to this address may end up: the address itself, or the IPv4 addresses that are wrapped in it and that
 * a translator or tunnel would unwrap.
 */
function targetsOf(address: Address): Address[] {
  if (!isIPv6(address)) return [address];
  const bytes = address.toByteArray();
  const ipv4 = (at: number, flip = 0) => new ipaddr.IPv4(bytes.slice(at, at + 4).map((byte) => byte ^ flip));
  const prefix = address.parts
    .slice(0, 6)
    .map((part) => part.toString(16))
    .join(':');
  // IPv4-mapped, IPv4-translated, NAT64.
  if (prefix === '0:0:0:0:0:ffff' || prefix === '0:0:0:0:ffff:0' || prefix === '64:ff9b:0:0:0:0') return [ipv4(12)];
  if (prefix.startsWith('2002:')) return [ipv4(2)]; // 6to4
  // Teredo: the server, and the client with all its bits turned round.
  if (prefix.startsWith('2001:0:')) return [ipv4(4), ipv4(12, 0xff)];
  return [address];
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  // Of IPv6 only 2000::/3 is given out; the library calls the rest `unicast` where it has no other name for it.
  return !isIPv6(address) || (address.parts[0] ?? 0) >> 13 === 1;
}

function isIPv6(address: Address): address is ipaddr.IPv6 {
  return address.kind() === 'ipv6';
}
