// Bodies that came compressed (`Content-Encoding`), unpacked as they are read. A few kilobytes can unpack to gigabytes,
// so every stage is watched: how much it gives, and how much more that is than what it got.
import { pipeline, Readable, Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { BOUNDS } from '../limits.ts';
import { type BodySource, OpError } from './op.ts';
import { StreamBody } from './stream-body.ts';

/** Output to input of one stage. Text and JSON reach 5 to 30, repetitive logs 100; deflate can do 1,032. */
const RATIO_MAX = 200;
/** Up to here the ratio does not matter: a small body of nothing but zeros is no attack. */
const RATIO_FREE_BYTES = 1_048_576;
/** Encodings on top of each other. Nobody sends two; each costs a stage. */
const ENCODINGS_MAX = 2;

type Encoding = 'gzip' | 'deflate' | 'br';

/** A stage of zlib, which counts what it took in. */
type Stage = Transform & { readonly bytesWritten: number };

const NAMES: ReadonlyMap<string, Encoding> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
]);

/**
 * The encodings to undo, the last one first; empty when the body is to be left as it is, since it has none or one that
 * we do not know.
 * @throws OpError when there are too many
 */
export function encodingsOf(header: string | undefined): Encoding[] {
  const names = (header ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length > ENCODINGS_MAX) {
    throw new OpError('TypeError', `fetch: the body of the response has more than ${ENCODINGS_MAX} encodings`);
  }
  const known = names.map((name) => NAMES.get(name)).filter((encoding) => encoding !== undefined);
  return known.length === names.length ? known.reverse() : [];
}

/** Unpacks a body. Opened on the first read, as the first byte tells the two forms of deflate apart. */
export class DecodedBody implements BodySource {
  readonly #source: BodySource;
  readonly #encodings: readonly Encoding[];
  readonly #bytesMax: number;
  #output: StreamBody | undefined;

  /** @param bytesMax how much may come out in all */
  constructor(source: BodySource, encodings: readonly Encoding[], bytesMax: number) {
    this.#source = source;
    this.#encodings = encodings;
    this.#bytesMax = bytesMax;
  }

  async read(): Promise<Uint8Array | undefined> {
    this.#output ??= this.#open(await this.#source.read());
    try {
      return await this.#output.read();
    } catch (error) {
      this.cancel();
      throw isBroken(error) ? new OpError('TypeError', 'fetch: the body cannot be decoded', { cause: error }) : error;
    }
  }

  cancel(): void {
    this.#output?.cancel();
    this.#source.cancel();
  }

  #open(first: Uint8Array | undefined): StreamBody {
    const input = Readable.from(chunksOf(first, this.#source), { highWaterMark: 1 });
    if (first === undefined) return new StreamBody(input);
    const stages = this.#encodings.flatMap((encoding, index) => {
      const stage = makeStage(encoding, index === 0 ? first[0] : undefined);
      return [stage, makeGuard(stage, this.#bytesMax)];
    });
    // Errors travel down to the last stream, where the reader meets them.
    pipeline([input, ...stages], () => {});
    return new StreamBody(stages.at(-1) as Transform);
  }
}

async function* chunksOf(first: Uint8Array | undefined, source: BodySource): AsyncGenerator<Uint8Array> {
  for (let chunk = first; chunk !== undefined; chunk = await source.read()) yield chunk;
}

function makeStage(encoding: Encoding, firstByte: number | undefined): Stage {
  const options = { chunkSize: BOUNDS.chunkBytes, flush: constants.Z_SYNC_FLUSH };
  if (encoding === 'br') return createBrotliDecompress({ chunkSize: BOUNDS.chunkBytes });
  if (encoding === 'gzip') return createGunzip(options);
  // `deflate` means the zlib form, whose first byte ends in 8; servers that send the bare one are known to exist.
  return firstByte === undefined || (firstByte & 0x0f) === 8 ? createInflate(options) : createInflateRaw(options);
}

function makeGuard(stage: Stage, bytesMax: number): Transform {
  let given = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      given += chunk.length;
      const tooMuch = given > bytesMax || (given > RATIO_FREE_BYTES && given > RATIO_MAX * stage.bytesWritten);
      if (tooMuch) done(new OpError('TypeError', 'fetch: the body is too large once decoded'));
      else done(null, chunk);
    },
  });
}

/** Errors of zlib have codes such as Z_DATA_ERROR, those of Brotli such as ERR__ERROR_FORMAT_PADDING_1. */
function isBroken(error: unknown): boolean {
  return /^(Z_|ERR__|ERR_BROTLI)/.test(String((error as { code?: unknown }).code));
}
