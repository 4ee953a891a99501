// What a slice leaves behind, from the text of an untrusted process to a checked value. Every shape is closed: there is
// no object in an outbox whose keys the guest could choose, so none of them can carry `__proto__` or anything else
// that nobody asked for. Does nothing with what it reads.
import { Ajv } from 'ajv';
import type { Answer, OpCall, Outbox } from '#runtime';
import { ProtocolError } from '../executor/frames.ts';
import { BOUNDS } from '../limits.ts';
import { discard, read } from './body.ts';
import { fetchSchema } from './fetch-schema.ts';
import type { OpName } from './op.ts';
import { send } from './send.ts';
import { timer } from './timer.ts';
import { write } from './write.ts';

export { ProtocolError };

const text = { type: 'string' };
const id = { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER };
const count = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

const shape = (properties: Record<string, unknown>, optional: readonly string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});

const body = (kind: string, properties: Record<string, unknown> = {}) =>
  shape({ kind: { const: kind }, ...properties });

const answer = shape({
  status: { type: 'integer', minimum: 0, maximum: 999 },
  statusText: text,
  headers: { type: 'array', items: text },
  body: {
    type: 'object',
    discriminator: { propertyName: 'kind' },
    required: ['kind'],
    oneOf: [
      body('none'),
      body('text', { text }),
      body('bytes', { length: count }),
      body('stream'),
      body('pipe', { from: count }),
    ],
  },
});

const ARGS: Record<OpName, object> = {
  timer: timer.schema,
  fetch: fetchSchema,
  read: read.schema,
  discard: discard.schema,
  write: write.schema,
  send: send.schema,
};

const opCall = {
  type: 'object',
  discriminator: { propertyName: 'op' },
  required: ['op'],
  oneOf: Object.entries(ARGS).map(([op, arg]) => shape({ id, op: { const: op }, arg, bytes: count }, ['bytes'])),
};

const outboxSchema = shape(
  {
    answer,
    thrown: shape({ name: text, message: text, stack: text, code: { const: 'too_many_operations' } }, ['code']),
    ops: { type: 'array', items: opCall },
    cancel: { type: 'array', items: id },
    log: {
      type: 'array',
      items: shape({ level: { enum: ['debug', 'info', 'log', 'warn', 'error', 'trace'] }, text }),
    },
    dropped: count,
  },
  ['answer', 'thrown', 'ops', 'cancel', 'log', 'dropped'],
);

const isOutbox = new Ajv({ discriminator: true, strict: true, strictRequired: false }).compile<Outbox>(outboxSchema);

/**
 * Reads what `collect` gave, without its two leading characters.
 * @param bytes what `CALL.bytes` gave: those of the answer, then those of the ops
 * @throws ProtocolError: the executor that sent it is not to be spoken to again
 */
export function parseOutbox(text: string, bytes: Uint8Array | undefined): Outbox {
  if (text.length > BOUNDS.outboxChars) {
    throw new ProtocolError(`outbox must be <= ${BOUNDS.outboxChars} characters: got ${text.length}`);
  }
  if (bytes !== undefined && bytes.length > BOUNDS.outboxBytes) {
    throw new ProtocolError(`outbox must have <= ${BOUNDS.outboxBytes} bytes: got ${bytes.length}`);
  }
  const outbox = parse(text);
  if (!isOutbox(outbox)) {
    const { instancePath = '', message = 'must be valid' } = isOutbox.errors?.[0] ?? {};
    throw new ProtocolError(`outbox${instancePath} ${message}`);
  }
  if (outbox.answer !== undefined && outbox.thrown !== undefined) {
    throw new ProtocolError('outbox must have an answer or an error: got both');
  }
  if (outbox.answer !== undefined) checkPairs('answer', outbox.answer.headers);
  let expected = answerLength(outbox.answer);
  for (const call of outbox.ops ?? []) expected += opLength(call);
  const got = bytes?.length ?? 0;
  if (expected !== got) throw new ProtocolError(`outbox must have ${expected} bytes: got ${got}`);
  return outbox;
}

/** Cuts the bytes of a checked outbox in two: those of the answer, and those of all its ops, in their order. */
export function splitBytes(outbox: Outbox, bytes: Uint8Array | undefined): { answer: Uint8Array; ops: Uint8Array } {
  const all = bytes ?? new Uint8Array();
  const cut = answerLength(outbox.answer);
  return { answer: all.subarray(0, cut), ops: all.subarray(cut) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The message of JSON.parse quotes the text, which is the guest's.
    throw new ProtocolError('outbox must be JSON: got something else');
  }
}

function answerLength(answer: Answer | undefined): number {
  return answer?.body.kind === 'bytes' ? answer.body.length : 0;
}

/** How many bytes belong to an op; checks on the way what a schema cannot say. */
function opLength({ op, arg, bytes = 0 }: OpCall): number {
  if (op === 'fetch') {
    checkPairs('fetch', arg['headers'] as string[]);
    if ((arg['body'] === 'pipe') !== (arg['from'] !== undefined)) {
      throw new ProtocolError('fetch must say from where exactly when its body is a pipe');
    }
  }
  const mayHaveBytes = op === 'write' || op === 'send' || (op === 'fetch' && arg['body'] === 'bytes');
  if (bytes > 0 && !mayHaveBytes) throw new ProtocolError(`op ${op} must have no bytes: got ${bytes}`);
  return bytes;
}

function checkPairs(where: string, headers: readonly string[]): void {
  if (headers.length % 2 !== 0)
    throw new ProtocolError(`headers of ${where} must come in pairs: got ${headers.length}`);
}
