// hello-js: the smallest program. One file, no package, no build. Every request runs in a context of its own, so
// `served` is 1 in each answer: what a request changes is gone with it.
let served = 0;

export default {
  async fetch(request) {
    served += 1;
    const { pathname } = new URL(request.url);
    if (pathname === '/') return new Response('hello from tine\n');
    if (pathname === '/served') return Response.json({ served });
    if (pathname === '/echo') {
      const type = request.headers.get('content-type') ?? 'text/plain';
      return new Response(await request.text(), { headers: { 'content-type': type } });
    }
    return new Response('not found\n', { status: 404 });
  },
};
