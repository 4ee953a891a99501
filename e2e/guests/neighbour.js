// Minds its own business, and would notice if its globals were not fresh.
let requests = 0;

export default {
  async fetch(request) {
    requests += 1;
    globalThis.seen = (globalThis.seen ?? 0) + 1;
    await null;
    const { pathname } = new URL(request.url);
    return new Response(`fine ${pathname} ${Math.max(requests, globalThis.seen)}`);
  },
};
