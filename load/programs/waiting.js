// Holds its permit for 50 ms without using a core.
export default {
  async fetch() {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return new Response('waited');
  },
};
