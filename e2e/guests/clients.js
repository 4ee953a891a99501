// For clients that go away, read slowly, or send too much. The path chooses.
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const CHUNK = 50_000;

const ways = {
  wait: async (request) => {
    request.signal.addEventListener('abort', () => console.log('the client has gone'));
    await sleep(20_000);
    return new Response('waited');
  },
  burn: () => {
    for (;;);
  },
  endless: () => {
    let pulled = 0;
    const body = new ReadableStream({
      pull(controller) {
        pulled += CHUNK;
        if (pulled % 1_000_000 === 0) console.log(`pulled ${pulled}`);
        controller.enqueue(new Uint8Array(CHUNK));
      },
      cancel() {
        console.log('cancelled');
      },
    });
    return new Response(body);
  },
  drip: () => {
    const body = new ReadableStream({
      async pull(controller) {
        await sleep(10);
        controller.enqueue(new TextEncoder().encode('drip '));
      },
    });
    return new Response(body);
  },
  count: async (request) => {
    let bytes = 0;
    for await (const chunk of request.body) bytes += chunk.length;
    return new Response(`${bytes} bytes`);
  },
  head: () => new Response('did not read it'),
};

export default {
  fetch(request) {
    return ways[new URL(request.url).pathname.slice(1)](request);
  },
};
