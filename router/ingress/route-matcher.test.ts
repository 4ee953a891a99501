import test from 'ava';
import { RouteMatcher } from './route-matcher.ts';

function matcher(routes: Record<string, string[]>): RouteMatcher {
  const made = new RouteMatcher();
  for (const [program, patterns] of Object.entries(routes)) made.set(program, patterns);
  return made;
}

test('find() takes an exact host before a wildcard, and the longer before the shorter, in whatever order they came', (t) => {
  const routes: Record<string, string[]> = {
    wild: ['*.example.com/*'],
    deep: ['*.api.example.com/*'],
    host: ['a.example.com/*'],
    path: ['a.example.com/x*'],
    longer: ['a.example.com/x/y*'],
    exact: ['a.example.com/x/y'],
  };
  const table: [string, string, string | undefined][] = [
    ['b.example.com', '/', 'wild'],
    ['b.api.example.com', '/', 'deep'],
    ['api.example.com', '/', 'wild'],
    ['a.example.com', '/', 'host'],
    ['a.example.com', '/x', 'path'],
    ['a.example.com', '/xyz', 'path'],
    ['a.example.com', '/x/y', 'exact'],
    ['a.example.com', '/x/y/', 'longer'],
    ['example.com', '/', undefined],
    ['notexample.com', '/', undefined],
    ['a.example.com.evil', '/', undefined],
  ];
  for (const order of [Object.keys(routes), Object.keys(routes).reverse()]) {
    const made = matcher(Object.fromEntries(order.map((name) => [name, routes[name]!])));
    for (const [host, path, wanted] of table) t.is(made.find(host, path), wanted, host + path);
  }
});

test('find() takes a path without a star as a whole', (t) => {
  const made = matcher({ a: ['h/x'] });
  t.is(made.find('h', '/x'), 'a');
  for (const path of ['/', '/x/', '/xy', '/X']) t.is(made.find('h', path), undefined, path);
});

test('set() replaces the routes of a program, and takes them away', (t) => {
  const made = matcher({ a: ['h/*'], b: ['i/*'] });
  made.set('a', ['j/*']);
  t.is(made.find('h', '/'), undefined);
  t.is(made.find('j', '/'), 'a');
  made.set('a', []);
  made.set('nobody', []);
  t.is(made.find('j', '/'), undefined);
  t.is(made.find('i', '/'), 'b');
});
