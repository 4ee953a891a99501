// Reads a whole body of the control API, up to a limit. More is refused before it is read, or as soon as it arrives.
import type { IncomingMessage } from 'node:http';
import { TineError } from '#sandbox';

/** @throws TineError `cancelled` when the client goes away; `body_too_large`; `unsupported_type` for a body that is encoded: what it unpacks to has no limit */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new TineError('unsupported_type', `content-encoding must be identity: got ${encoding}`);
  }
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge(bytesMax);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytesMax) throw tooLarge(bytesMax);
      chunks.push(chunk);
    }
  } catch (error) {
    throw request.destroyed && !(error instanceof TineError) ? new TineError('cancelled') : error;
  }
  return Buffer.concat(chunks);
}

function tooLarge(bytesMax: number): TineError {
  const text = `the body must be <= ${bytesMax} bytes: got more`;
  return new TineError('body_too_large', text, { details: { text } });
}
