// hono-api: a JSON API with Hono and zod. Its notes live in memory, and that shows the isolation: the template holds
// the first notes, each request changes a copy of its own, and the next request finds the first notes again.
//   GET /                 what there is
//   GET /notes            all notes; ?tag= for those with a tag
//   GET /notes/:id        one note, or 404
//   POST /notes           {"title", "text"?, "tags"?} → 201 with the note and how many there are in this context
//   DELETE /notes/:id     204, or 404
//   GET /fail             throws: the error handler answers
// `snapshot.warmup` in the configuration names requests that are sent before the template is kept: routers and schemas
// build themselves on first use. None of them changes a note, as what they change would be part of every request.
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { poweredBy, stamp } from './middleware.ts';
import { addNote, allNotes, findNote, removeNote } from './notes.ts';
import { readNote } from './schema.ts';

const app = new Hono();

app.use(poweredBy('tine'));
app.use('/notes/*', stamp());

app.get('/', (c) => c.json({ name: 'hono-api', routes: app.routes.map(({ method, path }) => `${method} ${path}`) }));

app.get('/notes', (c) => c.json({ items: allNotes(c.req.query('tag')) }));

app.get('/notes/:id{[0-9]+}', (c) => {
  const note = findNote(Number(c.req.param('id')));
  if (note === undefined) throw new HTTPException(404, { message: `there is no note ${c.req.param('id')}` });
  return c.json(note);
});

app.post('/notes', async (c) => {
  const note = addNote(await readNote(c.req));
  return c.json({ note, count: allNotes().length }, 201, { location: `/notes/${note.id}` });
});

app.delete('/notes/:id{[0-9]+}', (c) => {
  if (!removeNote(Number(c.req.param('id')))) throw new HTTPException(404, { message: 'there is no such note' });
  return c.body(null, 204);
});

app.get('/fail', () => {
  throw new TypeError('this route always fails');
});

app.notFound((c) => c.json({ error: { status: 404, message: `there is nothing at ${c.req.path}` } }, 404));

app.onError((error, c) => {
  if (error instanceof HTTPException) {
    return c.json({ error: { status: error.status, message: error.message, details: error.cause } }, error.status);
  }
  console.error(error);
  return c.json({ error: { status: 500, message: 'something went wrong' } }, 500);
});

export default app;
