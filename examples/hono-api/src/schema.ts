// What a client may send, and what it hears when it sent something else.
import type { HonoRequest } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { z } from 'zod';

const NewNote = z.strictObject({
  title: z.string().trim().min(1).max(80),
  text: z.string().max(2_000).default(''),
  tags: z
    .array(z.string().regex(/^[a-z0-9-]{1,20}$/))
    .max(8)
    .default([]),
});

/** The note in the body of a request. @throws HTTPException 400 with one entry per mistake */
export async function readNote(request: HonoRequest): Promise<z.infer<typeof NewNote>> {
  const read = NewNote.safeParse(await json(request));
  if (read.success) return read.data;
  const cause = read.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new HTTPException(400, { message: 'this is not a note', cause });
}

async function json(request: HonoRequest): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    throw new HTTPException(400, { message: 'the body is not JSON' });
  }
}
