// The log of a started server, line by line, as far as it has come.

export interface LogLine {
  level: number;
  msg: string;
  process: string;
  requestId?: string;
  program?: string;
  version?: string;
  code?: string;
  source?: string;
  status?: number;
  [name: string]: unknown;
}

export class Log {
  readonly lines: LogLine[] = [];
  /** What is no JSON: words of Node itself, of a crash. */
  readonly words: string[] = [];
  #rest = '';
  readonly #waiting = new Set<() => void>();

  push(text: string): void {
    const parts = (this.#rest + text).split('\n');
    this.#rest = parts.pop()!;
    for (const part of parts) {
      if (part === '') continue;
      try {
        this.lines.push(JSON.parse(part) as LogLine);
      } catch {
        this.words.push(part);
      }
    }
    for (const look of [...this.#waiting]) look();
  }

  /** The first line that fits, also one that has yet to come. */
  until(what: string, fits: (line: LogLine) => boolean, withinMs = 5_000): Promise<LogLine> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.lines.find(fits);
        if (found === undefined) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`no such log line within ${withinMs} ms: ${what}; the last ones are\n${this.tail()}`));
      }, withinMs);
      this.#waiting.add(look);
      look();
    });
  }

  tail(count = 12): string {
    return [...this.words.slice(-count), ...this.lines.slice(-count).map((line) => JSON.stringify(line))].join('\n');
  }
}
