// Why did the top level fail? V8 says little when it happens while a snapshot is made, so the scripts are run once more
// in a plain isolate, to get message, stack and place in the author's source.
import ivm from 'isolated-vm';
import { SourceMapper } from '#runtime';
import type { Details } from '../errors.ts';
import type { MakeInput } from './make.ts';
import { baseScripts } from './scripts.ts';

/** @returns undefined when the scripts ran without a failure this time */
export function diagnoseInit({ bundle, program, map, config }: MakeInput): Details | undefined {
  const isolate = new ivm.Isolate({ memoryLimit: config.limits.memoryMb });
  try {
    const context = isolate.createContextSync();
    for (const { code, filename } of baseScripts({ hostName: 'tine_diagnosis', bundle, program })) {
      isolate.compileScriptSync(code, { filename }).runSync(context, { timeout: config.limits.initMs });
    }
    return undefined;
  } catch (error) {
    return isolate.isDisposed ? { text: 'the top level used more memory than memory_mb' } : placeOf(error, map);
  } finally {
    if (!isolate.isDisposed) isolate.dispose();
  }
}

/** Text and place of an error that a guest's top level threw. The error is a copy on our side. */
export function placeOf(error: unknown, map: string): Details {
  const { name, message, stack } = error instanceof Error ? error : { name: '', message: String(error), stack: '' };
  const text = (name === '' || name === 'Error' ? message : `${name}: ${message}`).slice(0, 2_000);
  return { text, ...placeInStack(stack ?? '', map) };
}

/** The first position in the program that a stack names, in the author's source. */
export function placeInStack(stack: string, map: string): Details {
  const mapper = new SourceMapper(map);
  const place = mapper.first(stack);
  if (place === undefined) return {};
  const frame = mapper.frame(place);
  return { ...place, ...(frame === undefined ? {} : { frame }) };
}
