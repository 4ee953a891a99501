// The builder's child: one upload in, one template or one failure out, then it is killed. It compiles, evaluates the
// top level, makes the snapshot and tries it. The guest's top level runs here without a time limit of its own: the
// parent's timer and SIGKILL are the limit.
import { Socket } from 'node:net';
import v8 from 'node:v8';
import { type Compiled, CompileError, compileFor, type InitReport, languages } from '#runtime';
import { FrameReader, FrameWriter } from '../executor/frames.ts';
import { type BuildWarning, encodeTemplate, type Template } from '../template/template.ts';
import { diagnoseInit, placeInStack, placeOf } from './diagnose.ts';
import { BUILD_FRAME, type BuildFailure, type BuildJob, type BuildPhase } from './job.ts';
import { type MakeInput, makeScriptTemplate, makeSnapshotTemplate } from './make.ts';
import { BuildProblem } from './problem.ts';
import { tryTemplate } from './try.ts';

const SOCKET_FD = 3;
const JOB_BYTES_MAX = 128_000_000;

const socket = new Socket({ fd: SOCKET_FD, readable: true, writable: true });
const writer = new FrameWriter();

function send(type: number, text = '', bytes?: Uint8Array): void {
  writer.add(type, { text, bytes });
  socket.write(writer.take());
}

function phase(name: BuildPhase): void {
  send(BUILD_FRAME.phase, name);
}

async function build(job: BuildJob): Promise<void> {
  const start = performance.now();
  phase('compile');
  const { language, modules, config } = job.upload;
  const compiled = await compileFor(language)(modules, config.compile);
  phase('init');
  // Set per job, as a warm child does not know its job; it takes effect for isolates made from now on.
  v8.setFlagsFromString(`--max-heap-size=${config.limits.memoryMb * 2}`);
  const input: MakeInput = { bundle: job.bundle, program: compiled.code, map: compiled.map, config };
  const template = job.mode === 'snapshot' ? makeSnapshot(input) : makeScriptTemplate(input);
  phase('trial');
  const report = tryScripts(template, input);
  if (report.problem !== undefined) throw new BuildProblem(report.problem.code, { text: report.problem.text });
  if (config.snapshot.entropy === 'error' && report.entropy.length > 0) throw entropyProblem(report, compiled);
  template.figures.buildMs = Math.round(performance.now() - start);
  template.warnings = [...job.warnings, ...compiled.warnings, ...warningsOf(report, compiled)];
  send(BUILD_FRAME.built, '', encodeTemplate(template));
}

function makeSnapshot(input: MakeInput): Template {
  let template: Template;
  try {
    template = makeSnapshotTemplate(input);
  } catch (error) {
    if (error instanceof BuildProblem) throw error;
    throw initProblem(diagnoseInit(input) ?? placeOf(error, input.map));
  }
  const { initMs } = input.config.limits;
  if (template.figures.initMs > initMs) {
    throw new BuildProblem('build_timeout', {
      text: `the top level must end within ${initMs} ms: took ${Math.round(template.figures.initMs)}`,
    });
  }
  return template;
}

/** In script mode the top level runs at the first fork, so its errors come up here. */
function tryScripts(template: Template, input: MakeInput) {
  try {
    return tryTemplate(template);
  } catch (error) {
    if (error instanceof BuildProblem) throw error;
    if (template.mode === 'script') throw initProblem(diagnoseInit(input) ?? placeOf(error, input.map));
    throw new BuildProblem(
      'unloadable_template',
      { text: `no context can be made from the snapshot: ${(error as Error).message}` },
      { retry: true },
    );
  }
}

function initProblem(details: ReturnType<typeof placeOf>): BuildProblem {
  if (details.text?.startsWith('Script execution timed out')) {
    return new BuildProblem('build_timeout', { text: 'the top level must end within init_ms' });
  }
  return new BuildProblem('init_threw', details);
}

function warningsOf({ entropy, unknownHandlers, warmup }: InitReport, { map }: Compiled): BuildWarning[] {
  return [
    ...entropy.map(({ name, stack }) => ({
      code: 'entropy_at_init',
      text: `${name} at the top level gives the same value in every request`,
      ...placeInStack(stack, map),
    })),
    ...unknownHandlers.map((name) => ({ code: 'unknown_handler', text: `handler "${name}" is never called` })),
    ...warmup.flatMap(({ error }, at) =>
      error === undefined ? [] : [{ code: 'warmup_failed', text: `snapshot.warmup[${at}] failed: ${error}` }],
    ),
  ];
}

function entropyProblem({ entropy }: InitReport, { map }: Compiled): BuildProblem {
  const [first] = entropy;
  return new BuildProblem('entropy_at_init', {
    text: `${first!.name} must not be used at the top level, as snapshot.entropy is "error"`,
    ...placeInStack(first!.stack, map),
  });
}

function failureOf(error: unknown): BuildFailure {
  if (error instanceof BuildProblem) return { code: error.code, details: error.details, retry: error.retry };
  if (error instanceof CompileError)
    return { code: error.code, details: { text: error.message, ...error.place }, retry: false };
  return {
    code: 'build_crashed',
    details: { text: error instanceof Error ? error.message : String(error) },
    retry: false,
  };
}

const reader = new FrameReader(
  (frame) => {
    if (frame.type !== BUILD_FRAME.job) return;
    build(JSON.parse(frame.text) as BuildJob).catch((error) =>
      send(BUILD_FRAME.failed, JSON.stringify(failureOf(error))),
    );
  },
  { frameBytesMax: JOB_BYTES_MAX },
);
const end = () => process.kill(process.pid, 'SIGKILL');
socket.on('data', (chunk: Buffer) => reader.push(chunk));
socket.on('end', end);
socket.on('close', end);
socket.on('error', end);

// The compiler is loaded while the child waits for its job.
await Promise.all(Object.values(languages).map(async (language) => language.prepare?.()));
send(BUILD_FRAME.ready);
