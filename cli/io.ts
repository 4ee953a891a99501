// What a command has of the world: two streams of text, environment, working folder, a question to the user, a clock.
// Given to every command, so that tests run them in their own process.
import { createInterface } from 'node:readline/promises';

export interface Io {
  /** Results; a line. */
  out(line: string): void;
  /** Everything else; a line. */
  err(line: string): void;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  /** Undefined when there is nobody to ask. */
  ask: ((question: string) => Promise<string>) | undefined;
}

export function processIo(): Io {
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    env: process.env,
    cwd: process.cwd(),
    ask: process.stdin.isTTY && process.stderr.isTTY ? ask : undefined,
  };
}

/** Texts that come from a server or a program, without what could steer a terminal. */
export function plain(text: string): string {
  return text.replace(/\x1b\][^\x07\x1b]*(\x07|\x1b\\)?|\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '');
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}
