// Leaves traces wherever a program can, and says which it finds.
let count = 0;
const seen = new Map();
class Tally {
  static total = 0;
}
function tagged(strings) {
  return strings;
}
const template = () => tagged`one ${1} two`;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export default {
  async fetch(request) {
    // Read first and written last: the platform may use regular expressions itself.
    const regexp = RegExp.$1;
    const { pathname } = new URL(request.url);
    const found = {
      count,
      seen: seen.size,
      total: Tally.total,
      last: globalThis.last ?? null,
      polluted: {}.polluted ?? null,
      array: [].polluted ?? null,
      patched: Array.prototype.map.name,
      regexp,
      symbol: globalThis[Symbol.for('trace')] ?? null,
      template: template().polluted ?? null,
      listeners: globalThis.heard ?? 0,
      own: Object.keys(globalThis).filter((name) => name === 'last' || name === 'heard').length,
    };
    count += 1;
    seen.set(pathname, request);
    Tally.total += 1;
    globalThis.last = pathname;
    Object.prototype.polluted = pathname;
    Object.defineProperty(Object.prototype, 'polluted', { enumerable: false });
    Array.prototype.polluted = pathname;
    Object.defineProperty(Array.prototype, 'polluted', { enumerable: false });
    Array.prototype.map = function trace() {
      return [];
    };
    globalThis[Symbol.for('trace')] = pathname;
    globalThis.heard = (globalThis.heard ?? 0) + 1;
    await null;
    if (pathname.endsWith('7')) await sleep(1);
    const response = new Response(JSON.stringify({ pathname, mine: globalThis.last, ...found }));
    /(.+)/.exec(pathname);
    return response;
  },
};
