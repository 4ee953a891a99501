// A Hono app with 30 routes and some middleware: its router builds its matcher at the first request. Deployed twice,
// with and without `snapshot.warmup`, to see what the warm-up is worth.
import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';

const app = new Hono();
app.use('*', secureHeaders());
app.get('/', (c) => c.text('hello'));

const things = ['users', 'posts', 'comments', 'tags', 'teams', 'files', 'events', 'orders', 'invoices'];
for (const thing of things) {
  app.get(`/${thing}`, (c) => c.json({ thing, items: [] }));
  app.get(`/${thing}/:id{[0-9]+}`, (c) => c.json({ thing, id: Number(c.req.param('id')) }));
  app.post(`/${thing}`, async (c) => c.json({ thing, created: await c.req.json() }, 201));
}
app.get('/search/:what/*', (c) => c.json({ what: c.req.param('what') }));
app.notFound((c) => c.json({ error: 'not found' }, 404));

export default app;
