// Builtins of V8 that look at no timeout. Only the end of the process stops them.
const ways = {
  lastIndexOf: () => 'a'.repeat(1 << 26).lastIndexOf(`${'a'.repeat(1 << 20)}b${'a'.repeat(1 << 20)}`),
  indexOf: () => {
    const bytes = new Uint8Array(1 << 24);
    for (;;) bytes.indexOf(1);
  },
  sparseIndexOf: () => {
    const sparse = [];
    sparse[2 ** 32 - 2] = 1;
    return sparse.indexOf(2);
  },
  sparseReverse: () => {
    const sparse = [];
    sparse[2 ** 32 - 2] = 1;
    return sparse.reverse().length;
  },
  replace: () => 'a'.repeat(1 << 26).replace(/a/g, () => 'b').length,
};

export default {
  fetch(request) {
    return new Response(String(ways[new URL(request.url).pathname.slice(1)]()));
  },
};
