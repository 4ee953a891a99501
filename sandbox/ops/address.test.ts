import test from 'ava';
import { makeAddressCheck } from './address.ts';

const REFUSED: [address: string, why: string][] = [
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback, the far end'],
  ['10.0.0.1', 'private'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private, the far end'],
  ['192.168.1.1', 'private'],
  ['169.254.169.254', 'metadata of most clouds'],
  ['169.254.0.1', 'link-local'],
  ['100.64.0.1', 'shared by carriers'],
  ['100.100.100.200', 'metadata of Alibaba, shared by carriers'],
  ['100.127.255.255', 'shared by carriers, the far end'],
  ['0.0.0.0', 'unspecified: on Linux this very machine'],
  ['0.1.2.3', 'this network'],
  ['192.0.0.192', 'metadata of Oracle, protocol assignments'],
  ['192.0.2.1', 'documentation'],
  ['198.51.100.1', 'documentation'],
  ['203.0.113.1', 'documentation'],
  ['198.18.0.1', 'benchmarks'],
  ['192.88.99.1', 'relays of 6to4'],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.255', 'multicast, the far end'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'broadcast'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['::127.0.0.1', 'IPv4-compatible'],
  ['::8.8.8.8', 'IPv4-compatible, which nobody routes'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local with a zone'],
  ['febf::1', 'link-local, the far end'],
  ['fec0::1', 'site-local'],
  ['fc00::1', 'unique local'],
  ['fd00:ec2::254', 'metadata of AWS over IPv6'],
  ['ff02::1', 'multicast'],
  ['::ffff:127.0.0.1', 'mapped loopback'],
  ['::ffff:7f00:1', 'mapped loopback in hex'],
  ['::ffff:10.0.0.1', 'mapped private'],
  ['::ffff:169.254.169.254', 'mapped metadata'],
  ['::ffff:0.0.0.0', 'mapped unspecified'],
  ['::ffff:0:127.0.0.1', 'translated loopback'],
  ['64:ff9b::7f00:1', 'NAT64 to loopback'],
  ['64:ff9b::10.0.0.1', 'NAT64 to private'],
  ['64:ff9b::169.254.169.254', 'NAT64 to metadata'],
  ['64:ff9b:1::808:808', 'NAT64 of a local network'],
  ['2002:7f00:1::', '6to4 to loopback'],
  ['2002:a9fe:a9fe::1', '6to4 to metadata'],
  ['2002:c0a8:101::1', '6to4 to private'],
  ['2001:0:7f00:1::f7f7:f7f7', 'Teredo by a server on loopback'],
  ['2001:0:808:808::80ff:fffe', 'Teredo to a client on loopback'],
  ['2001:db8::1', 'documentation'],
  ['3fff::1', 'documentation'],
  ['100::1', 'discard'],
  ['2001:2::1', 'benchmarks'],
  ['5f00::1', 'segment routing'],
  ['4000::1', 'not given out'],
  ['', 'nothing'],
  ['localhost', 'a name'],
  ['256.1.1.1', 'no address'],
  ['8.8.8.8/8', 'a range'],
];

for (const [address, why] of REFUSED) {
  test(`makeAddressCheck() refuses ${address || 'an empty text'}: ${why}`, (t) =>
    t.false(makeAddressCheck([])(address)));
}

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.1',
  '100.63.255.255',
  '100.128.0.1',
  '126.255.255.255',
  '128.0.0.1',
  '169.253.255.255',
  '172.15.255.255',
  '172.32.0.1',
  '192.167.255.255',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001::200e',
  '::ffff:8.8.8.8',
  '64:ff9b::808:808',
  '2002:808:808::1',
  '2001:0:808:808::f7f7:f7f7',
];

for (const address of PUBLIC) {
  test(`makeAddressCheck() lets ${address} through`, (t) => t.true(makeAddressCheck([])(address)));
}

test('makeAddressCheck() lets through what the operator has allowed, in whatever form it comes', (t) => {
  const isAllowed = makeAddressCheck(['10.1.0.0/16', 'fd00::/8', '127.0.0.1']);
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '64:ff9b::10.1.2.3', 'fd12::1', '127.0.0.1', '8.8.8.8']) {
    t.true(isAllowed(address), address);
  }
  for (const address of ['10.2.0.1', '::ffff:10.2.0.1', 'fc00::1', '127.0.0.2', '169.254.169.254', '::1']) {
    t.false(isAllowed(address), address);
  }
});

test('makeAddressCheck() does not take one good end of a tunnel for both', (t) => {
  // Teredo: the server is allowed by the operator, the client is not.
  const isAllowed = makeAddressCheck(['10.0.0.0/8']);
  t.false(isAllowed('2001:0:a00:1::80ff:fffe'));
});

test('makeAddressCheck() refuses an entry that is no address range', (t) => {
  for (const entry of ['', 'localhost', '10.0.0.0/33', '10.1', '0x7f.1', '1.2.3.4/a', '::/129']) {
    t.throws(() => makeAddressCheck([entry]), { instanceOf: RangeError, message: /CIDR/ }, entry);
  }
  t.notThrows(() => makeAddressCheck([' 10.0.0.0/8 ', '::1', '1.2.3.4', '0.0.0.0/0']));
});
