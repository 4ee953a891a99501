import test from 'ava';
import { URLPattern } from './url-pattern.ts';

test('URLPattern.exec() gives what was put in and the groups of each component', (t) => {
  const pattern = new URLPattern({ pathname: '/users/:id(\\d+){/*}?' });
  const result = pattern.exec('https://example.com/users/12?x=1');
  t.deepEqual(result?.inputs, ['https://example.com/users/12?x=1']);
  t.deepEqual(result?.pathname, { input: '/users/12', groups: { id: '12', 0: undefined } });
  t.deepEqual(result?.search, { input: 'x=1', groups: { 0: 'x=1' } });
  t.is(pattern.exec('https://example.com/users/nobody'), null);
});

test('URLPattern.exec() adds the base to the inputs', (t) => {
  const pattern = new URLPattern('/a/:b', 'https://example.com');
  t.deepEqual(pattern.exec('c', 'https://example.com/a/')?.inputs, ['c', 'https://example.com/a/']);
  t.deepEqual(pattern.exec('c', 'https://example.com/a/')?.pathname.groups, { b: 'c' });
});

test('URLPattern.test() is false for what is no URL', (t) => {
  const pattern = new URLPattern();
  t.true(pattern.test('https://example.com'));
  t.true(pattern.test({}));
  t.false(pattern.test('nothing'));
  t.false(pattern.test('/path', 'no base'));
  t.false(pattern.test({ port: 'none' }));
});

test('URLPattern takes a base URL or options as its second argument, and options as its third', (t) => {
  t.true(new URLPattern('/A', 'https://example.com', { ignoreCase: true }).test('https://example.com/a'));
  t.true(new URLPattern({ pathname: '/A' }, { ignoreCase: true }).test('https://example.com/a'));
  t.false(new URLPattern({ pathname: '/A' }).test('https://example.com/a'));
  t.throws(() => new URLPattern({ pathname: '/A' }, 'https://example.com'), { instanceOf: TypeError });
  t.throws(() => new URLPattern('/A'), { instanceOf: TypeError, message: /no protocol and no base URL/ });
});

test('URLPattern refuses patterns that cannot be read, with the index', (t) => {
  for (const pathname of ['/(', '/()', '/(?a)', '/((a))', '/(é)', '/{a', '/}', '/\\', '/:', '/:a/:a']) {
    t.throws(() => new URLPattern({ pathname }), { instanceOf: TypeError }, pathname);
  }
  t.throws(() => new URLPattern({ pathname: '/(a' }), { message: 'URLPattern: cannot read "/(a" at index 1' });
  t.throws(() => new URLPattern({ pathname: '/([)' }), { message: /no regular expression/ });
  t.throws(() => new URLPattern({ protocol: ' https' }), { message: 'URLPattern: " https" is no valid protocol' });
  t.throws(() => new URLPattern({ hostname: '[' }), { message: 'URLPattern: "[" is no valid host name' });
});

test('URLPattern writes its patterns in normal form', (t) => {
  const pattern = new URLPattern('https://{sub.}?example.com:443/:a(.*)/:b([^\\/]+?)/{:c}d/*\\?q={x}#(\\d)');
  t.is(pattern.protocol, 'https');
  t.is(pattern.hostname, '{sub.}?example.com');
  t.is(pattern.port, '');
  t.is(pattern.pathname, '/:a(.*)/:b/{:c}d/*');
  t.is(pattern.search, 'q=x');
  t.is(pattern.hash, '(\\d)');
  t.true(pattern.hasRegExpGroups);
  t.false(new URLPattern({ pathname: '/:a/*' }).hasRegExpGroups);
});

test('URLPattern reads what is written like a URL as the URL would be read', (t) => {
  const pattern = new URLPattern('https://user\\:pass@[\\:\\:AB]:8080/x');
  t.is(pattern.username, 'user');
  t.is(pattern.password, 'pass');
  t.is(pattern.hostname, '[\\:\\:ab]');
  t.is(pattern.port, '8080');
  t.is(new URLPattern('data\\:foo').pathname, 'foo');
  t.is(new URLPattern('https://a.b/x\\?y').search, 'y');
});

test('URLPattern works on after a guest has replaced what it is made of', (t) => {
  const { exec } = RegExp.prototype;
  const { slice } = String.prototype;
  t.teardown(() => {
    RegExp.prototype.exec = exec;
    String.prototype.slice = slice;
  });
  RegExp.prototype.exec = () => null;
  String.prototype.slice = () => 'gone';
  const found = new URLPattern({ pathname: '/:a' }).exec('https://example.com/x');
  RegExp.prototype.exec = exec;
  String.prototype.slice = slice;
  t.deepEqual(found?.pathname.groups, { a: 'x' });
});
