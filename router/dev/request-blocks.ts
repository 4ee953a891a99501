// The log of `tine dev` on a terminal: one block for each request, in one write, so that parallel requests never mix.
// A head line (method, path, status, wall, CPU, fork, outcome, id), and the guest's lines indented below.
import { styleText } from 'node:util';
import type { LogLine } from '#runtime';
import { type Finished, Observer, type RunLabel } from '#sandbox';
import type { Access } from '../ingress/app.ts';
import type { SourceMaps } from '../ingress/source-maps.ts';

/** Requests that write a line and are never over would be kept for ever. */
const OPEN_MAX = 10_000;
/** Frames of compiled scripts. */
const COMPILED = /\b(?:program|bundle)\.js:/;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

export class RequestBlocks extends Observer {
  readonly #maps: SourceMaps;
  readonly #write: (text: string) => void;
  readonly #lines = new Map<string, string[]>();

  constructor(maps: SourceMaps, write: (text: string) => void = (text) => void process.stdout.write(text)) {
    super();
    this.#maps = maps;
    this.#write = write;
  }

  override logged({ requestId }: RunLabel, level: LogLine['level'], text: string): void {
    const paint = level === 'error' ? 'red' : level === 'warn' ? 'yellow' : 'reset';
    this.#add(requestId, styleText(paint, harmless(text)));
  }

  override dropped({ requestId }: RunLabel, lines: number): void {
    this.#add(requestId, `${lines} lines dropped`);
  }

  override executorEnded(_pid: number, reason: string, program: string | undefined): void {
    if (reason !== 'retired') this.#write(`executor ended: ${reason}${program === undefined ? '' : ` (${program})`}\n`);
  }

  /** The request is over: its block is written. */
  access(access: Access): void {
    const { requestId, program, version, finished } = access;
    const lines = this.#lines.get(requestId) ?? [];
    this.#lines.delete(requestId);
    const { thrown } = finished ?? {};
    const all = thrown === undefined ? lines : [...lines, ...textOf(thrown).split('\n')];
    const write = (shown: readonly string[]) => this.#write(block(access, shown));
    if (!all.some((line) => COMPILED.test(line))) return write(all);
    this.#maps.of({ program, version }).then(
      (mapper) => write(all.map((line) => mapper.stack(line)).filter((line, at) => line !== '' || all[at] === '')),
      () => write(all),
    );
  }

  #add(requestId: string, line: string): void {
    const lines = this.#lines.get(requestId) ?? [];
    lines.push(...line.split('\n'));
    this.#lines.set(requestId, lines);
    if (this.#lines.size > OPEN_MAX) this.#lines.delete(this.#lines.keys().next().value!);
  }
}

/** What was thrown, for the terminal: V8's stack begins with the message, unless a guest has seen to it. */
function textOf({ name, message, stack }: NonNullable<Finished['thrown']>): string {
  return harmless(stack.includes(message) ? stack : `${name}: ${message}\n${stack}`);
}

function block(
  { method, target, status, wallMs, finished, code, requestId, program }: Access,
  lines: readonly string[],
): string {
  const paint = status >= 500 ? 'red' : status >= 400 ? 'yellow' : 'green';
  const cost = finished === undefined ? '' : `  cpu ${ms(finished.cpuUs / 1000)}  fork ${ms(finished.forkUs / 1000)}`;
  const outcome = finished?.outcome ?? code ?? '';
  const head = `${styleText(paint, String(status))} ${method} ${harmless(target)}  ${program}  ${ms(wallMs)}${cost}  ${outcome}${code === undefined || code === outcome ? '' : ` ${code}`}  ${styleText('dim', requestId)}`;
  return `${[head, ...lines.map((line) => `    ${line}`)].join('\n')}\n`;
}

function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}

/** Nothing of a guest may steer the terminal. */
function harmless(text: string): string {
  return text.replace(CONTROL, '');
}
