// Streams as the rest of the bundle uses them: the classes of web-streams-polyfill, evaluated with untouched builtins,
// and what is done with them, by captured methods. Guests come in by `streams.ts`. Lazy.

import { utf8Encode } from './bytes/utf8.ts';
import type { Body } from './fetch/body-state.ts';
import { brands } from './fetch/brands.ts';
import type { Source } from './fetch/pump.ts';
import type {
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamDefaultReader,
  WritableStream,
} from './ponyfill.ts';
import * as lazyPonyfill from './ponyfill.ts';
import {
  getterOf,
  ObjectPrototypeHasOwnProperty,
  PromisePrototypeThen,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetSymbolToStringTag,
  TypeError,
  Uint8Array,
  uncurryThis,
  WeakMap,
  WeakMapPrototypeGet,
  WeakMapPrototypeSet,
} from './primordials.ts';
import { withUntouchedBuiltins } from './untouched.ts';

export type { ReadableStream };

type Reader = ReadableStreamDefaultReader;
type ByteController = ReadableByteStreamController;
/** What the package keeps on a stream, as own properties. */
interface Inside {
  _disturbed: boolean;
  _readableStreamController: object;
}

/** All interfaces of the group, by name. */
export const streamClasses = withUntouchedBuiltins(() => ({
  ByteLengthQueuingStrategy: lazyPonyfill.ByteLengthQueuingStrategy,
  CountQueuingStrategy: lazyPonyfill.CountQueuingStrategy,
  ReadableByteStreamController: lazyPonyfill.ReadableByteStreamController,
  ReadableStream: lazyPonyfill.ReadableStream,
  ReadableStreamBYOBReader: lazyPonyfill.ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest: lazyPonyfill.ReadableStreamBYOBRequest,
  ReadableStreamDefaultController: lazyPonyfill.ReadableStreamDefaultController,
  ReadableStreamDefaultReader: lazyPonyfill.ReadableStreamDefaultReader,
  TransformStream: lazyPonyfill.TransformStream,
  TransformStreamDefaultController: lazyPonyfill.TransformStreamDefaultController,
  WritableStream: lazyPonyfill.WritableStream,
  WritableStreamDefaultController: lazyPonyfill.WritableStreamDefaultController,
  WritableStreamDefaultWriter: lazyPonyfill.WritableStreamDefaultWriter,
}));

const { ReadableStream: Readable, ReadableByteStreamController: ByteStreamController, TransformStream } = streamClasses;
const readable = Readable.prototype;
const getReader = uncurryThis(readable.getReader as () => Reader);
const cancelStream = uncurryThis(readable.cancel as () => Promise<void>);
const pipeThrough = uncurryThis(readable.pipeThrough as (transform: object) => ReadableStream);
const tee = uncurryThis(readable.tee);
const getLocked = uncurryThis(getterOf<boolean>(readable, 'locked'));
const readNext = uncurryThis(
  streamClasses.ReadableStreamDefaultReader.prototype.read as () => Promise<{ done: boolean }>,
);
const cancelReader = uncurryThis(
  streamClasses.ReadableStreamDefaultReader.prototype.cancel as (r: unknown) => Promise<void>,
);
const enqueue = uncurryThis(ByteStreamController.prototype.enqueue as (chunk: Uint8Array) => void);
const close = uncurryThis(ByteStreamController.prototype.close);
const getByobRequest = uncurryThis(getterOf<object | null>(ByteStreamController.prototype, 'byobRequest'));
const respond = uncurryThis(streamClasses.ReadableStreamBYOBRequest.prototype.respond as (bytes: number) => void);
const forward = uncurryThis(
  streamClasses.TransformStreamDefaultController.prototype.enqueue as (chunk: unknown) => void,
);

const origins = new WeakMap<object, Body>();
const ignore = () => undefined;
const CHUNK_WANTED = 'body: a chunk must be a Uint8Array';

export const isStream = (value: object): value is ReadableStream => {
  // A look before the getter, which throws for everything else, and throwing is slow.
  if (!ObjectPrototypeHasOwnProperty(value, '_readableStreamController')) return false;
  try {
    getLocked(value);
    return true;
  } catch {
    return false;
  }
};
brands.isStream = isStream;

export const isDisturbed = (stream: ReadableStream): boolean => (stream as unknown as Inside)._disturbed;
export const isLocked = (stream: ReadableStream): boolean => getLocked(stream);

/** The body that the bundle built this stream over. */
export const originOf = (stream: ReadableStream): Body | undefined => WeakMapPrototypeGet(origins, stream);

/** Locks an untouched stream for good: what it stands for goes another way. */
export const seize = (stream: ReadableStream): void => {
  getReader(stream);
  (stream as unknown as Inside)._disturbed = true;
};

/** A stream that was read to its end. */
export const spentStream = (): ReadableStream => {
  const stream = new Readable();
  PromisePrototypeThen(cancelStream(stream), ignore, ignore);
  getReader(stream);
  return stream;
};

/** Reads the stream; locks it. */
export const sourceOf = (stream: ReadableStream): Source => {
  const reader = getReader(stream);
  return {
    next: () => readNext(reader) as ReturnType<Source['next']>,
    stop: (reason) => {
      PromisePrototypeThen(cancelReader(reader, reason), ignore, ignore);
    },
  };
};

/** A byte stream of what the body was given. Nothing is fetched before somebody reads. */
export const streamOver = (body: Body): ReadableStream => {
  const { host } = body;
  const stream =
    host === undefined
      ? byteStream((controller) => pullBytes(controller, body), ignore)
      : byteStream(
          (controller) => pullNext(controller, () => host.read()),
          () => host.discard(),
        );
  WeakMapPrototypeSet(origins, stream, body);
  return stream;
};

/** A byte stream of memory that stays as it is. */
export const streamOfBytes = (bytes: Uint8Array): ReadableStream =>
  byteStream((controller) => {
    if (TypedArrayPrototypeGetLength(bytes) > 0) enqueue(controller, new Uint8Array(bytes));
    end(controller);
  }, ignore);

const byteStream = (pull: (controller: ByteController) => unknown, cancel: (reason: unknown) => unknown) =>
  new Readable({ __proto__: null, type: 'bytes', pull, cancel } as never) as ReadableStream;

const pullBytes = (controller: ByteController, body: Body): void => {
  const own = body.text === undefined ? (body.bytes as Uint8Array) : utf8Encode(body.text);
  // The stream hands the memory on, so bytes that are shared are copied.
  if (TypedArrayPrototypeGetLength(own) > 0) enqueue(controller, body.shared ? new Uint8Array(own) : own);
  end(controller);
};

/** Byte streams know no empty chunks: those are passed over. */
const pullNext = (controller: ByteController, next: Source['next']): Promise<unknown> =>
  PromisePrototypeThen(next(), ({ done, value }) => {
    if (done) end(controller);
    else if (TypedArrayPrototypeGetSymbolToStringTag(value) !== 'Uint8Array') throw new TypeError(CHUNK_WANTED);
    else if (TypedArrayPrototypeGetLength(value) === 0) return pullNext(controller, next);
    else enqueue(controller, value as Uint8Array);
    return undefined;
  });

const end = (controller: ByteController): void => {
  close(controller);
  // A read into the reader's own buffer waits until it is told that nothing came.
  const request = getByobRequest(controller);
  if (request !== null) respond(request, 0);
};

/** Two streams with the same chunks in memory of their own: byte streams copy for the second branch. */
export const teeStream = (stream: ReadableStream): [ReadableStream, ReadableStream] => {
  let bytes = stream;
  if (!((stream as unknown as Inside)._readableStreamController instanceof ByteStreamController)) {
    const source = sourceOf(stream);
    // A copy here as well: who made the stream may still hold its chunks.
    bytes = byteStream((controller) => pullNext(controller, () => copied(source)), source.stop);
  }
  const branches = tee(bytes);
  return [branches[0] as ReadableStream, branches[1] as ReadableStream];
};

const copied = (source: Source): ReturnType<Source['next']> =>
  PromisePrototypeThen(source.next(), ({ done, value }) => ({
    done,
    value:
      TypedArrayPrototypeGetSymbolToStringTag(value) === 'Uint8Array' ? new Uint8Array(value as Uint8Array) : value,
  })) as ReturnType<Source['next']>;

/** A stream with the same chunks; the given one is locked. */
export const throughIdentity = (stream: ReadableStream): ReadableStream => through(stream, { __proto__: null });

const through = (stream: ReadableStream, transformer: object): ReadableStream =>
  pipeThrough(stream, new TransformStream(transformer));

/** The two ends of a transform. */
export interface Pair {
  readonly readable: ReadableStream;
  readonly writable: WritableStream;
}

export interface Steps {
  transform: (chunk: unknown, forward: (chunk: unknown) => void) => void;
  flush: (forward: (chunk: unknown) => void) => void;
}

const getReadable = uncurryThis(getterOf<ReadableStream>(TransformStream.prototype, 'readable'));
const getWritable = uncurryThis(getterOf<WritableStream>(TransformStream.prototype, 'writable'));

export const pairThrough = (steps: Steps): Pair => {
  const transform = new TransformStream({
    __proto__: null,
    transform: (chunk: unknown, controller: object) => steps.transform(chunk, (out) => forward(controller, out)),
    flush: (controller: object) => steps.flush((out) => forward(controller, out)),
  } as never);
  return { readable: getReadable(transform), writable: getWritable(transform) };
};
