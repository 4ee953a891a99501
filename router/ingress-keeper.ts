// Keeps an ingress running: starts it, tells it what to serve, and starts a new one on the same port when it dies.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { Channel } from './channel.ts';
import type { ShownBuildError } from './dev/build-error.ts';
import type { IngressHealth, IngressStart, PublishedProgram } from './ingress/published.ts';

const ENTRY = fileURLToPath(new URL('./ingress/main.ts', import.meta.url));
const RESTART_MS = 50;
const RESTART_MS_MAX = 2_000;
/** What a stuck ingress gets beyond the time to drain. */
const DRAIN_GRACE_MS = 2_000;
/** Running this long, it is taken for healthy. */
const HEALTHY_MS = 10_000;

export interface KeeperParts {
  logger: Logger;
  /** What the ingress may ask. */
  handlers: ConstructorParameters<typeof Channel>[1];
  /** What a new ingress is told, without the port. */
  start(): Omit<IngressStart, 'port'>;
  /** The script of the ingress; only tests have another one. */
  entry?: string;
}

export class IngressKeeper {
  readonly #parts: KeeperParts;
  #child: ChildProcess | undefined;
  #channel: Channel | undefined;
  #port: number;
  #ready = false;
  /** The start is sent: what changes from now on has to be told. */
  #told = false;
  #stopping = false;
  #restartMs = RESTART_MS;

  constructor(port: number, parts: KeeperParts) {
    this.#port = port;
    this.#parts = parts;
  }

  /** The real port, also where 0 was asked for. */
  get port(): number {
    return this.#port;
  }

  get isReady(): boolean {
    return this.#ready;
  }

  /** @throws when the port cannot be had */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [this.#parts.entry ?? ENTRY], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
      // A process group of its own: Ctrl-C at the terminal is for the supervisor, which then drains this one.
      detached: true,
    });
    this.#child = child;
    const startedMs = performance.now();
    child.on('exit', (code, signal) =>
      this.#exited(child, signal ?? `exit code ${code}`, performance.now() - startedMs),
    );
    child.on('error', (error) => this.#parts.logger.error({ err: error }, 'the process of the ingress failed'));
    const channel = new Channel(child, this.#parts.handlers);
    this.#channel = channel;
    const started = channel.ask<number>('start', { ...this.#parts.start(), port: this.#port });
    this.#told = true;
    this.#port = await started;
    if (this.#child === child) this.#ready = true;
  }

  /** Resolves when the ingress serves it. One that is not even told to start gets it with its start. */
  publish(program: PublishedProgram): Promise<void> {
    return this.#tell('publish', program);
  }

  remove(name: string): Promise<void> {
    return this.#tell('remove', name);
  }

  /** `tine dev` only. */
  showBuildError(shown: ShownBuildError): Promise<void> {
    return this.#tell('showBuildError', shown);
  }

  /** Empty while there is none. */
  async metrics(): Promise<string> {
    return (await this.#askIfThere<string>('metrics')) ?? '';
  }

  health(): Promise<IngressHealth | undefined> {
    return this.#askIfThere<IngressHealth>('health');
  }

  /** @returns how many requests were cut off; 0 when it died meanwhile, as nobody knows then */
  async drain(drainMs: number): Promise<number> {
    this.#stopping = true;
    const isServing = this.#ready;
    this.#ready = false;
    const stuck = setTimeout(() => this.kill(), drainMs + DRAIN_GRACE_MS);
    try {
      return isServing ? await this.#channel!.ask<number>('drain', drainMs) : 0;
    } catch (error) {
      this.#parts.logger.error({ err: error }, 'the ingress ended while its requests were being finished');
      return 0;
    } finally {
      clearTimeout(stuck);
      this.kill();
    }
  }

  kill(): void {
    this.#stopping = true;
    this.#child?.kill('SIGKILL');
  }

  async #askIfThere<T>(method: string): Promise<T | undefined> {
    if (this.#stopping || !this.#ready) return undefined;
    return this.#channel!.ask<T>(method).catch(() => undefined);
  }

  /** An ingress that dies meanwhile is told by the start of the next one. */
  async #tell(method: string, argument: unknown): Promise<void> {
    if (!this.#told) return;
    const child = this.#child;
    try {
      await this.#channel!.ask(method, argument);
    } catch (error) {
      if (child?.connected) throw error;
    }
  }

  #exited(child: ChildProcess, how: string, lifeMs: number): void {
    if (this.#child !== child) return;
    const wasReady = this.#ready;
    this.#ready = false;
    this.#told = false;
    if (this.#stopping || !wasReady) return;
    this.#parts.logger.error({ how }, 'ingress ended: starting a new one');
    this.#restartMs = lifeMs > HEALTHY_MS ? RESTART_MS : Math.min(RESTART_MS_MAX, this.#restartMs * 2);
    setTimeout(() => this.#restart(), this.#restartMs);
  }

  #restart(): void {
    if (this.#stopping) return;
    this.start().catch((error) => {
      this.#parts.logger.error({ err: error }, 'the new ingress did not start');
      this.#child?.kill('SIGKILL');
      this.#restartMs = Math.min(RESTART_MS_MAX, this.#restartMs * 2);
      setTimeout(() => this.#restart(), this.#restartMs);
    });
  }
}
