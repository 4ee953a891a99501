// An executor: owns isolates and runs slices, synchronously, on its main thread. It reads frames from an inherited
// socket (descriptor 3), answers on it, and knows nothing else: no network, no files, no environment. It may be killed
// at any instant. It ends when the socket closes.
import { Socket } from 'node:net';
import { ExecutorCore } from './core.ts';
import { FrameReader, FrameWriter } from './frames.ts';
import { RegisterWriter } from './register.ts';

const SOCKET_FD = 3;
const REGISTER_FD = 4;
/** Templates come in frames; a snapshot is bounded by the builder. */
const FRAME_BYTES_MAX = 256_000_000;

/** An answer never waits longer than this for company. */
const WAIT_MS_MAX = 2;
const SHORT_SLICE_US = 1_000;

const socket = new Socket({ fd: SOCKET_FD, readable: true, writable: true });
const writer = new FrameWriter();
let flushedAt = performance.now();

/** What was written so far goes out; called before a slice that may never come back, too. */
function flush(): void {
  if (writer.size > 0) socket.write(writer.take());
  flushedAt = performance.now();
}

const core = new ExecutorCore({
  register: new RegisterWriter(REGISTER_FD),
  send: (type, fields) => writer.add(type, fields),
  // Answers that are ready wait for the next ones only while slices are short: they travel together then.
  beforeSlice: (expectedUs) => {
    if (writer.size > 0 && (expectedUs > SHORT_SLICE_US || performance.now() - flushedAt > WAIT_MS_MAX)) flush();
  },
});

const reader = new FrameReader((frame) => core.take(frame), { frameBytesMax: FRAME_BYTES_MAX });

/** `process.exit()` hangs while an isolate runs; a signal does not. */
function end(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('unreachable');
}

let isWorkingAhead = false;

/** Contexts are made ahead one at a time, so that a request that comes in waits for one fork at most. */
function workAhead(): void {
  isWorkingAhead = core.workAhead();
  flush();
  if (isWorkingAhead) setImmediate(workAhead);
}

socket.on('data', (chunk: Buffer) => {
  flushedAt = performance.now();
  reader.push(chunk);
  flush();
  if (isWorkingAhead) return;
  isWorkingAhead = true;
  setImmediate(workAhead);
});
socket.on('end', end);
socket.on('close', end);
socket.on('error', end);

setInterval(() => {
  core.sendStats();
  flush();
}, 1_000);

core.ready();
flush();
