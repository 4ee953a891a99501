// Runs the body of the request as a function body: one deploy for many small cases.
export default {
  async fetch(request, env, ctx) {
    const AsyncFunction = (async () => {}).constructor;
    return new AsyncFunction('request', 'env', 'ctx', await request.text())(request, env, ctx);
  },
};
