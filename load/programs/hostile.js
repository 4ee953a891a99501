// What a bad program does to its neighbours, by path.
const attacks = {
  '/loop': () => {
    for (;;);
  },
  '/allocate': () => {
    const hoard = [];
    for (;;) hoard.push(new Array(10_000).fill(hoard.length));
  },
  // A builtin that nothing can interrupt: only the end of its process stops it.
  '/stuck': () => {
    const bytes = new Uint8Array(64_000_000);
    for (;;) bytes.indexOf(1);
  },
  // An unhandled rejection whose reading never ends.
  '/reject': () => {
    const trap = () => {
      for (;;);
    };
    void Promise.reject(new Proxy({}, { get: trap }));
    return new Promise(() => {});
  },
  '/throw': () => {
    throw new Error('hostile');
  },
  '/never': () => new Promise(() => {}),
};

export default {
  fetch(request) {
    return attacks[new URL(request.url).pathname]();
  },
};
