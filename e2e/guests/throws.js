// Every way to fail by throwing. The path chooses.
const loopingProxy = () =>
  new Proxy(
    {},
    {
      get() {
        for (;;);
      },
    },
  );
const throwingProxy = () =>
  new Proxy(
    {},
    {
      get() {
        throw new Error('canary');
      },
      getPrototypeOf() {
        throw new Error('canary');
      },
    },
  );

class LoopingName extends Error {
  get name() {
    for (;;);
  }
}

class ThrowingGetters extends Error {
  get name() {
    throw new Error('canary');
  }
  get message() {
    throw new Error('canary');
  }
  get stack() {
    throw new Error('canary');
  }
}

const forms = {
  error: () => {
    throw new Error('canary of an error');
  },
  string: () => {
    throw 'canary of a string';
  },
  null: () => {
    throw null;
  },
  undefined: () => {
    throw undefined;
  },
  symbol: () => {
    throw Symbol('canary');
  },
  proxy: () => {
    throw throwingProxy();
  },
  revoked: () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    throw proxy;
  },
  getters: () => {
    throw new ThrowingGetters();
  },
  huge: () => {
    throw new Error('canary'.repeat(1e6));
  },
  later: async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    throw new Error('canary of a later slice');
  },
  timeout: () => {
    throw new Error('Script execution timed out.');
  },
  undefinedAnswer: () => undefined,
  promiseOfNothing: async () => 5,
  loopingProxy: () => {
    throw loopingProxy();
  },
  rejectedProxy: () => {
    Promise.reject(loopingProxy());
    return new Response('fine');
  },
  rejectedName: () => {
    Promise.reject(new LoopingName());
    return new Response('fine');
  },
  loopingName: () => {
    throw new LoopingName();
  },
  loopingToString: () => {
    const error = new Error();
    Object.defineProperty(error, 'message', {
      value: {
        toString() {
          for (;;);
        },
      },
    });
    Promise.reject(error);
    return new Response('fine');
  },
  prepareStackTrace: () => {
    Error.prepareStackTrace = () => {
      for (;;);
    };
    throw new Error('canary');
  },
  stray: () => {
    Promise.reject(new Error('canary of a stray rejection'));
    return new Response('the answer');
  },
  never: () => new Promise(() => {}),
  neverAfterTimer: async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise(() => {});
  },
  leftoverLoop: () => {
    Promise.resolve().then(() => {
      for (;;);
    });
    for (;;);
  },
  leftoverRejection: () => {
    Promise.reject(new Error('canary of a leftover'));
    for (;;);
  },
};

export default {
  fetch(request) {
    return forms[new URL(request.url).pathname.slice(1)]();
  },
};
