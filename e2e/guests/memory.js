// Takes memory in every way that was measured. The path chooses; each either ends by itself, or has to be ended.
const ways = {
  objects: () => {
    const kept = [];
    for (;;) kept.push({ kept });
  },
  arrays: () => {
    const kept = [];
    for (;;) kept.push(new Array(1_000).fill({}));
  },
  strings: () => {
    const kept = [];
    for (let i = 0; ; i++) kept.push(`${i}`.padEnd(1_000, 'x').split('').join('y'));
  },
  maps: () => {
    const map = new Map();
    for (let i = 0; ; i++) map.set({ i }, { i });
  },
  sets: () => {
    const set = new Set();
    for (let i = 0; ; i++) set.add(`key ${i}`);
  },
  keys: () => {
    const object = {};
    for (let i = 0; ; i++) object[`key ${i}`] = i;
  },
  symbols: () => {
    for (let i = 0; ; i++) Symbol.for(`canary ${i}`);
  },
  closures: () => {
    let last = () => {};
    for (;;) {
      const before = last;
      last = () => before;
    }
  },
  promises: async () => {
    const kept = [];
    for (;;) kept.push(new Promise(() => {}).then(() => kept));
  },
  buffers: () => {
    const kept = [];
    for (;;) kept.push(new Uint8Array(1_000_000).fill(1));
  },
  smallBuffers: () => {
    const kept = [];
    for (;;) kept.push(new Uint8Array(100).fill(1));
  },
  oneBuffer: () => new Response(String(new Uint8Array(2_000_000_000).fill(1).length)),
  apply: () => new Response(String(Math.max.apply(null, new Array(1e8)))),
  fill: () => new Response(String(new Array(1e9).fill(0).length)),
  split: () => new Response(String('x'.repeat(2 ** 28).split('').length)),
  replace: () => new Response(String('a'.repeat(2 ** 26).replace(/a/g, () => 'bb').length)),
  join: () => new Response(String(new Array(1e7).fill('x'.repeat(50)).join('').length)),
  json: () => new Response(JSON.stringify(new Array(5e6).fill({ a: 'x'.repeat(20) }))),
  bigint: () => new Response(String((2n ** (2n ** 26n)).toString().length)),
  regexp: () => new Response(String('x'.repeat(2 ** 26).match(/x/g).length)),
  concat: () => {
    let text = 'x';
    for (;;) text += text;
  },
  evals: () => {
    const kept = [];
    for (let i = 0; ; i++) kept.push(new Function(`return function canary${i}() { return ${i}; }`)());
  },
  generators: () => {
    const kept = [];
    for (;;) {
      const generator = (function* () {
        yield kept;
      })();
      generator.next();
      kept.push(generator);
    }
  },
  proxies: () => {
    let last = {};
    for (;;) last = new Proxy(last, {});
  },
  answer: () => new Response('x'.repeat(2 ** 28)),
  clones: () => {
    const kept = [];
    for (;;) kept.push(structuredClone({ a: new Array(1_000).fill(1) }));
  },
  urls: () => {
    const kept = [];
    for (;;) kept.push(new URL('https://example.com/a?b=c'));
  },
  encoded: () => {
    const kept = [];
    for (;;) kept.push(new TextEncoder().encode('x'.repeat(1_000_000)));
  },
  blobs: () => {
    const kept = [];
    for (;;) kept.push(new Blob(['x'.repeat(1_000_000)]));
  },
  headers: () => {
    const headers = new Headers();
    for (let i = 0; ; i++) headers.append(`x-${i}`, 'y'.repeat(100));
  },
  /** Names that would let a guest take memory outside of its heap. */
  removed: () => {
    const names = {
      WebAssembly: typeof globalThis.WebAssembly,
      SharedArrayBuffer: typeof globalThis.SharedArrayBuffer,
      resize: typeof ArrayBuffer.prototype.resize,
      transfer: typeof ArrayBuffer.prototype.transfer,
      transferToFixedLength: typeof ArrayBuffer.prototype.transferToFixedLength,
      maxByteLength: String(new ArrayBuffer(8, { maxByteLength: 1_000 }).resizable ?? false),
    };
    return Response.json(names);
  },
};

export default {
  fetch(request) {
    return ways[new URL(request.url).pathname.slice(1)]();
  },
};
