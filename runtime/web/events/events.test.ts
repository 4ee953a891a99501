import test from 'ava';
import { guestOf, inGuest, onlyOp, textOf } from '../harness.ts';

test('EventTarget calls listeners in order, once each, capturing ones first', async (t) => {
  t.deepEqual(
    await inGuest(`
      const seen = [], target = new EventTarget();
      const twice = () => seen.push('a');
      target.addEventListener('x', twice);
      target.addEventListener('x', twice);
      target.addEventListener('x', () => seen.push('b'), { once: true });
      target.addEventListener('x', () => seen.push('c'), true);
      target.addEventListener('x', { handleEvent(e) { seen.push(this === handler, e.target === target) } });
      const handler = { handleEvent(e) { seen.push(this === handler) } };
      target.addEventListener('x', handler);
      target.dispatchEvent(new Event('x'));
      seen.push('|');
      target.removeEventListener('x', twice);
      target.dispatchEvent(new Event('x'));
      return seen;`),
    ['c', 'a', 'b', false, true, true, '|', 'c', false, true, true],
  );
});

test('EventTarget.dispatchEvent() knows cancelable, passive and stopImmediatePropagation', async (t) => {
  t.deepEqual(
    await inGuest(`
      const target = new EventTarget(), out = [];
      target.addEventListener('p', (e) => e.preventDefault(), { passive: true });
      target.addEventListener('c', (e) => e.preventDefault());
      target.addEventListener('s', (e) => { out.push(1); e.stopImmediatePropagation() });
      target.addEventListener('s', () => out.push(2));
      out.push(target.dispatchEvent(new Event('p', { cancelable: true })));
      out.push(target.dispatchEvent(new Event('c', { cancelable: true })));
      out.push(target.dispatchEvent(new Event('c')));
      target.dispatchEvent(new Event('s'));
      return out;`),
    [true, false, true, 1],
  );
});

test('a listener that throws is reported, and the others are called', async (t) => {
  const guest = await guestOf(`() => {
    const target = new EventTarget(); let n = 0;
    target.addEventListener('x', () => { throw new Error('inside') });
    target.addEventListener('x', () => { n += 1 });
    target.dispatchEvent(new Event('x'));
    return new Response(String(n));
  }`);
  const slice = guest.enter();
  t.is(textOf(slice), '1');
  t.regex(slice.outbox.log?.[0]?.text ?? '', /^Uncaught Error: inside/);
});

test('EventTarget.dispatchEvent() refuses what is no Event, and an event under way', async (t) => {
  t.deepEqual(
    await inGuest(`
      const target = new EventTarget(), names = [];
      try { target.dispatchEvent({ type: 'x' }) } catch (e) { names.push(e.name) }
      target.addEventListener('x', (e) => { try { target.dispatchEvent(e) } catch (error) { names.push(error.name, error.code) } });
      target.dispatchEvent(new Event('x'));
      try { target.addEventListener('x') } catch (e) { names.push(e.name) }
      return names;`),
    ['TypeError', 'InvalidStateError', 11, 'TypeError'],
  );
});

test('addEventListener() ends with its signal', async (t) => {
  t.is(
    await inGuest(`
      let n = 0; const target = new EventTarget(), controller = new AbortController();
      target.addEventListener('x', () => n++, { signal: controller.signal });
      target.dispatchEvent(new Event('x'));
      controller.abort();
      target.dispatchEvent(new Event('x'));
      target.addEventListener('x', () => n++, { signal: controller.signal });
      target.dispatchEvent(new Event('x'));
      return n;`),
    1,
  );
});

test('the global is an EventTarget; reportError() goes to its listeners, to onerror, else to the log', async (t) => {
  const guest = await guestOf(`() => {
    const seen = [];
    reportError(new Error('one'));
    addEventListener('error', (e) => { seen.push(e.message, e.target === globalThis, e instanceof ErrorEvent); e.preventDefault() }, { once: true });
    reportError(new Error('two'));
    globalThis.onerror = (message) => { seen.push('onerror ' + message); return true };
    reportError(new Error('three'));
    return Response.json([seen, Object.keys(globalThis).includes('addEventListener')]);
  }`);
  const slice = guest.enter();
  t.deepEqual(JSON.parse(textOf(slice)), [['two', true, true, 'onerror three'], false]);
  t.is(slice.outbox.log?.length, 1);
  t.regex(slice.outbox.log?.[0]?.text ?? '', /^Uncaught Error: one/);
});

test('events carry what they were given', async (t) => {
  t.deepEqual(
    await inGuest(`
      const c = new CustomEvent('c', { detail: { a: 1 }, bubbles: true });
      const m = new MessageEvent('m', { data: 1, origin: 'o' });
      const e = new ErrorEvent('e', { message: 'x', lineno: 3, error: null });
      const p = new PromiseRejectionEvent('p', { promise: Promise.resolve(), reason: 7 });
      return [c.detail, c.bubbles, c instanceof Event, m.data, m.origin, m.ports, e.message, e.lineno, e.error, p.reason, p.type, String(c), Event.AT_TARGET, new Event('z').timeStamp];`),
    [{ a: 1 }, true, true, 1, 'o', [], 'x', 3, null, 7, 'p', '[object CustomEvent]', 2, 0],
  );
});

test('AbortController.abort() fires once, with a reason', async (t) => {
  t.deepEqual(
    await inGuest(`
      const controller = new AbortController(), { signal } = controller, seen = [];
      signal.onabort = (e) => seen.push(e.type, e.isTrusted);
      signal.addEventListener('abort', () => seen.push(signal.aborted));
      controller.abort(); controller.abort('again');
      try { signal.throwIfAborted() } catch (e) { seen.push(e.name, e.code, e instanceof DOMException) }
      const other = AbortSignal.abort('why');
      try { new AbortSignal() } catch (e) { seen.push(e.name) }
      return [...seen, other.reason, other.aborted];`),
    ['abort', true, true, 'AbortError', 20, true, 'TypeError', 'why', true],
  );
});

test('AbortSignal.any() follows its sources, also those of others', async (t) => {
  t.deepEqual(
    await inGuest(`
      const a = new AbortController(), b = new AbortController(), seen = [];
      const first = AbortSignal.any([a.signal, b.signal]), second = AbortSignal.any([first]);
      second.addEventListener('abort', () => seen.push('second', first.aborted));
      first.addEventListener('abort', () => seen.push('first', second.aborted));
      b.abort('b'); a.abort('a');
      return [seen, second.reason, AbortSignal.any([AbortSignal.abort(1)]).reason, AbortSignal.any([]).aborted];`),
    [['first', true, 'second', true], 'b', 1, false],
  );
});

test('AbortSignal.timeout() is a timer op and gives a TimeoutError', async (t) => {
  const guest = await guestOf(`() => new Promise((resolve) => {
    const signal = AbortSignal.timeout(20);
    signal.addEventListener('abort', () => resolve(new Response(signal.reason.name)));
  })`);
  const op = onlyOp(guest.enter());
  t.deepEqual(op.arg, { ms: 20 });
  t.is(textOf(guest.settle(op.id)), 'TimeoutError');
});

test('DOMException has names, codes, constants and a stack', async (t) => {
  t.deepEqual(
    await inGuest(`
      const e = new DOMException('m', 'DataCloneError');
      return [e.name, e.message, e.code, e instanceof Error, e.stack.split('\\n')[0], String(e), DOMException.ABORT_ERR, e.NOT_FOUND_ERR,
        new DOMException().name, new DOMException('', 'Own').code, Object.prototype.toString.call(e), 'isOne' in DOMException];`),
    [
      'DataCloneError',
      'm',
      25,
      true,
      'DataCloneError: m',
      'DataCloneError: m',
      20,
      8,
      'Error',
      0,
      '[object DOMException]',
      false,
    ],
  );
});
