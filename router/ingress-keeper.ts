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
/** Running this long, it is taken for healthy. */
const HEALTHY_MS = 10_000;

export interface KeeperParts {
  logger: Logger;
  /** What the ingress may ask. */
  handlers: ConstructorParameters<typeof Channel>[1];
  /** What a new ingress is told, without the port. */
  start(): Omit<IngressStart, 'port'>;
}

export class IngressKeeper {
  readonly #parts: KeeperParts;
  #child: ChildProcess | undefined;
  #channel: Channel | undefined;
  #port: number;
  #ready = false;
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
    const child = spawn(process.execPath, [ENTRY], {
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
    this.#channel = new Channel(child, this.#parts.handlers);
    this.#port = await this.#channel.ask<number>('start', { ...this.#parts.start(), port: this.#port });
    this.#ready = true;
  }

  /** Resolves when the ingress serves it. An ingress that is just being started gets it with its start. */
  async publish(program: PublishedProgram): Promise<void> {
    if (this.#ready) await this.#tell('publish', program);
  }

  async remove(name: string): Promise<void> {
    if (this.#ready) await this.#tell('remove', name);
  }

  /** `tine dev` only. */
  async showBuildError(shown: ShownBuildError): Promise<void> {
    if (this.#ready) await this.#tell('showBuildError', shown);
  }

  async metrics(): Promise<string> {
    return this.#ready ? await this.#channel!.ask<string>('metrics') : '';
  }

  async health(): Promise<IngressHealth | undefined> {
    return this.#ready ? await this.#channel!.ask<IngressHealth>('health') : undefined;
  }

  /** @returns how many requests were cut off */
  async drain(drainMs: number): Promise<number> {
    this.#stopping = true;
    if (!this.#ready) return 0;
    this.#ready = false;
    try {
      return await this.#channel!.ask<number>('drain', drainMs);
    } finally {
      this.kill();
    }
  }

  kill(): void {
    this.#stopping = true;
    this.#child?.kill('SIGKILL');
  }

  /** An ingress that dies meanwhile is told by the start of the next one. */
  async #tell(method: string, argument: unknown): Promise<void> {
    const child = this.#child;
    try {
      await this.#channel!.ask(method, argument);
    } catch (error) {
      if (child?.exitCode === null && child.signalCode === null) throw error;
    }
  }

  #exited(child: ChildProcess, how: string, lifeMs: number): void {
    if (this.#child !== child) return;
    const wasReady = this.#ready;
    this.#ready = false;
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
