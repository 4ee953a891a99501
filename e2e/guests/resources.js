// Takes more than it may of everything but memory. The path chooses.
const burn = (ms) => {
  // The clock stands still within a slice, so time is counted in work.
  for (let round = 0; round < ms * 10; round++) {
    let sum = 0;
    for (let i = 0; i < 10_000; i++) sum = (sum + i * i) % 1_000_003;
    if (sum < 0) throw new Error('never');
  }
};
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const ways = {
  fine: () => new Response('fine'),
  loop: () => {
    for (;;);
  },
  catching: () => {
    for (;;) {
      try {
        for (;;);
      } catch {
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: it resists being stopped
        continue;
      }
    }
  },
  microtasks: () => {
    const again = () => Promise.resolve().then(again);
    return again();
  },
  afterAwait: async () => {
    await null;
    for (;;);
  },
  afterTimer: async () => {
    await sleep(2);
    for (;;);
  },
  slices: async () => {
    for (let i = 0; i < 40; i++) {
      burn(10);
      await sleep(1);
    }
    return new Response('forty slices');
  },
  regex: () => new Response(String(/^(a+)+$/.test(`${'a'.repeat(40)}b`))),
  recursion: () => {
    const down = (n) => down(n + 1) + 1;
    return new Response(String(down(0)));
  },
  innocent: async () => {
    burn(5);
    await null;
    return new Response('innocent');
  },
  background: (_request, ctx) => {
    ctx.waitUntil(
      (async () => {
        await sleep(1);
        for (;;);
      })(),
    );
    return new Response('answered');
  },
  sleep: async (request) => {
    await sleep(Number(new URL(request.url).searchParams.get('ms')));
    return new Response('slept');
  },
  timers: () => {
    for (let i = 0; i < 1_000; i++) setTimeout(() => {}, 1_000);
    return new Response('all of them');
  },
  timersCaught: () => {
    let started = 0;
    try {
      for (; started < 1_000; started++) setTimeout(() => {}, 60_000);
    } catch (error) {
      return new Response(`${error.name} after ${started}`);
    }
    return new Response('all of them');
  },
  fetches: async (request) => {
    const to = request.headers.get('to');
    await Promise.all(Array.from({ length: 1_000 }, () => fetch(to)));
    return new Response('all of them');
  },
  fetchesCaught: async (request) => {
    const to = request.headers.get('to');
    const refused = [];
    for (let i = 0; i < 1_000; i++) fetch(to).catch(({ name }) => refused.push(name));
    await sleep(20);
    return new Response(`${[...new Set(refused)]} for ${refused.length}`);
  },
  zeroTimers: async () => {
    let turns = 0;
    await new Promise((resolve) => {
      const start = Date.now();
      const tick = () => {
        turns += 1;
        if (Date.now() - start >= 60) resolve();
        else setTimeout(tick, 0);
      };
      tick();
    });
    return new Response(String(turns));
  },
  flood: () => {
    for (let i = 0; i < 100_000; i++) console.log(`canary ${i}`);
    return new Response('flooded');
  },
  hugeLine: () => {
    console.log('x'.repeat(5_000_000));
    console.log('canary after the huge line');
    return new Response('said');
  },
  echo: async (request) => new Response(`${(await request.arrayBuffer()).byteLength} bytes`),
  unread: () => new Response('unread'),
  big: (request) => new Response('x'.repeat(Number(new URL(request.url).searchParams.get('bytes')))),
  bigStream: (request) => {
    let left = Number(new URL(request.url).searchParams.get('bytes'));
    return new Response(
      new ReadableStream({
        pull(controller) {
          const length = Math.min(left, 50_000);
          left -= length;
          if (length > 0) controller.enqueue(new Uint8Array(length));
          if (left === 0) controller.close();
        },
      }),
    );
  },
};

export default {
  fetch(request, _env, ctx) {
    const way = ways[new URL(request.url).pathname.slice(1)];
    return way.length === 2 ? way(request, ctx) : way(request);
  },
};
