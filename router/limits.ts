// Every number of the HTTP side, with its unit last. Those of one guest are in `sandbox/limits.ts`.

export const HTTP = {
  headerBytesMax: 16_384,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 65_000,
  connectionsMax: 20_000,
  requestsPerSocketMax: 1_000_000,
  /** How often Node looks for connections that are too slow. */
  connectionsCheckMs: 1_000,
  /** A request body up to this size is read before the permit is taken. */
  smallBodyBytes: 65_536,
  /** Programs with a metric label of their own; further ones share `other`. */
  programLabelsMax: 1_000,
  /** Upload of all modules and the configuration, multipart framing included. */
  uploadBytesMax: 11_000_000,
  /** JSON bodies of the control API. */
  jsonBodyBytesMax: 1_000_000,
  requestIdCharsMax: 64,
} as const;
