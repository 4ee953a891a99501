import test from 'ava';
import {
  canonicalHostname,
  canonicalIpv6,
  canonicalOpaquePathname,
  canonicalPathname,
  canonicalPort,
  canonicalProtocol,
  canonicalSearch,
  isIpv6Pattern,
  isSpecialProtocol,
} from './canonical.ts';

test('canonicalProtocol() is in lower case and refuses what is no scheme', (t) => {
  t.is(canonicalProtocol('HTTPS'), 'https');
  t.is(canonicalProtocol(''), '');
  for (const bad of ['1a', ' a', 'a b', 'é']) t.throws(() => canonicalProtocol(bad), { instanceOf: TypeError }, bad);
});

test('canonicalHostname() stops where a host name ends', (t) => {
  t.is(canonicalHostname('ExÄmple.com/x'), 'xn--exmple-cua.com');
  t.is(canonicalHostname('0x7f.1'), '127.0.0.1');
  for (const bad of ['a b', 'a:1', 'a%00']) t.throws(() => canonicalHostname(bad), { instanceOf: TypeError }, bad);
});

test('canonicalIpv6() takes pieces of an address', (t) => {
  t.is(canonicalIpv6('[AB:'), '[ab:');
  t.throws(() => canonicalIpv6('[x'), { instanceOf: TypeError });
});

test('canonicalPort() drops the default of the protocol and refuses what is no port', (t) => {
  t.is(canonicalPort('443', 'https'), '');
  t.is(canonicalPort('443'), '443');
  t.is(canonicalPort('080', 'https'), '80');
  for (const bad of ['x', '65536']) t.throws(() => canonicalPort(bad), { instanceOf: TypeError }, bad);
});

test('canonicalPathname() works on pieces of a path as well', (t) => {
  t.is(canonicalPathname('/a/../ü'), '/%C3%BC');
  t.is(canonicalPathname('./a'), './a');
  t.is(canonicalPathname('b c'), 'b%20c');
  t.is(canonicalPathname(''), '');
  t.is(canonicalOpaquePathname('a b\0?c'), 'a b%00');
  t.is(canonicalSearch("a'b"), 'a%27b');
});

test('isIpv6Pattern() and isSpecialProtocol() look at how a pattern begins, and at the whole name', (t) => {
  t.deepEqual(['[::1]', '{[', '\\[', '[', 'a[', '(['].map(isIpv6Pattern), [true, true, true, false, false, false]);
  t.deepEqual(['https', 'file', 'data', '', 'toString'].map(isSpecialProtocol), [true, true, false, false, false]);
});
