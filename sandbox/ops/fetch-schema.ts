// What a fetch op must look like. Apart from `fetch.ts`, so that reading an outbox does not load an HTTP client.

export const fetchSchema = {
  type: 'object',
  required: ['method', 'url', 'headers', 'redirect', 'body'],
  additionalProperties: false,
  properties: {
    method: { type: 'string' },
    url: { type: 'string' },
    headers: { type: 'array', items: { type: 'string' } },
    redirect: { enum: ['follow', 'manual', 'error'] },
    body: { enum: ['none', 'bytes', 'stream', 'pipe'] },
    from: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  },
};
