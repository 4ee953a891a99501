// Throws, so that one can see where the log says it happened.

interface Failure {
  reason: string;
}

export function fail(reason: string): never {
  const failure: Failure = { reason };
  throw new Error(failure.reason);
}
