import test from 'ava';
import { trustsAddresses } from './trusted.ts';

test('trustsAddresses() trusts nobody without a list, and the blocks of the list with one', (t) => {
  t.false(trustsAddresses([])('127.0.0.1'));
  const trusts = trustsAddresses(['10.0.0.0/8', '192.0.2.7', 'fd00::/8', '::1']);
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.7', 'fd12::1', '::1'])
    t.true(trusts(address), address);
  for (const address of [undefined, '', '11.0.0.1', '192.0.2.8', 'fe80::1', '::2', 'nonsense'])
    t.false(trusts(address), String(address));
});
