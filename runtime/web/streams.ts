// The interfaces of the Streams standard, and the two text streams of the Encoding standard: the door to the group. Lazy.
import { streamClasses } from './stream-tools.ts';

export { TextDecoderStream, TextEncoderStream } from './text-streams.ts';

export const {
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
} = streamClasses;
