// What tine hands to a handler besides the request.

/** The `vars` of the configuration. */
export interface Env {
  readonly GREETING: string;
}

export interface Context {
  /** Lets work go on after the response, inside the same limits. */
  waitUntil(work: Promise<unknown>): void;
}
