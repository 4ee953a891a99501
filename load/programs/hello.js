// The smallest program: what every figure of overhead is taken with.
export default {
  fetch() {
    return new Response('hello');
  },
};
