import test from 'ava';
import { isPattern, normalRoute } from './route-pattern.ts';

for (const pattern of [
  'example.com/*',
  'example.com/',
  'example.com/api',
  'example.com/api*',
  'example.com/api/*',
  '*.example.com/*',
  'Example.COM/Api*',
  'localhost/*',
  '127.0.0.1/x',
  'xn--bcher-kva.example/*',
  'a_b.example/%20*',
]) {
  test(`isPattern() takes ${pattern}`, (t) => t.true(isPattern(pattern, 'route')));
}

for (const pattern of [
  '',
  '/',
  '/path*',
  'example.com',
  'https://example.com/*',
  'example.com:8080/*',
  'example.com/a*b',
  'example.com/*/b',
  'example.com/**',
  '*example.com/*',
  '*/*',
  '*.*.com/*',
  'a.*.com/*',
  'exa mple.com/*',
  'example.com/a b',
  'example.com/?q=1',
  'example.com/#x',
  'example..com/*',
  '-a.com/*',
  '1.2.3/*',
  '999.1.1.1/*',
  'bücher.example/*',
  `${'a'.repeat(64)}.com/*`,
]) {
  test(`isPattern() refuses "${pattern}"`, (t) => t.false(isPattern(pattern, 'route')));
}

test('isPattern() takes a bare host for a custom domain, and nothing else', (t) => {
  t.true(isPattern('shop.example.com', 'host'));
  for (const host of ['*.example.com', 'example.com/', 'example.com/*', 'example.com:80', ''])
    t.false(isPattern(host, 'host'), host);
});

test('normalRoute() lowers the host, keeps the path, and makes a whole host of a custom domain', (t) => {
  t.is(normalRoute('Example.COM/Api*'), 'example.com/Api*');
  t.is(normalRoute('Shop.example.com'), 'shop.example.com/*');
  t.is(normalRoute('*.Example.com/*'), '*.example.com/*');
});
