// The engine's process: started when needed, started again with growing pauses, given up at last, and no call is ever left waiting.

import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { EngineError } from '../../src/engine/errors';
import { locateEngine } from '../../src/engine/locate';
import { Supervisor, type EngineState, type SupervisorOptions } from '../../src/engine/supervisor';

const FAKE = join(__dirname, 'fakeEngine.js');
const HANDSHAKE = [
  {
    from: 'client',
    message: { jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocol: { min: 1, max: 1 } } },
  },
  {
    from: 'engine',
    message: { jsonrpc: '2.0', id: 0, result: { protocol: 1, engine: { version: '9.9' }, pid: 4711 } },
  },
];
const GENERATE = [
  { from: 'client', message: { jsonrpc: '2.0', id: 1, method: 'key/generate', params: {} } },
  { from: 'engine', message: { jsonrpc: '2.0', method: 'log', params: { level: 'info', message: 'making a key' } } },
  { from: 'engine', message: { jsonrpc: '2.0', id: 1, result: { key: 'MIKURA-KEY-1TEST' } } },
];

let folder: string;
let recording: string;
const running: Supervisor[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mikura-supervisor-'));
  recording = join(folder, 'recording.jsonl');
  await writeFile(recording, [...HANDSHAKE, ...GENERATE].map(line => JSON.stringify(line)).join('\n'));
});
after(async () => {
  for (const supervisor of running) await supervisor.dispose();
  await rm(folder, { recursive: true });
});

interface Made {
  supervisor: Supervisor;
  states: EngineState[];
  log: string[];
  starts: () => number;
}

function make(environment: NodeJS.ProcessEnv = {}, options: Partial<SupervisorOptions> = {}): Made {
  const log: string[] = [];
  const states: EngineState[] = [];
  let starts = 0;
  const supervisor = new Supervisor({
    command: async () => ({ path: process.execPath, args: [FAKE, recording], environment }),
    client: { name: 'test', version: '0' },
    identity: () => ({}),
    handlers: {
      secret: async () => null,
      mfaCode: async () => null,
      folderState: () => {},
      log: (level, message) => log.push(`${level} ${message}`),
    },
    onStarted: async () => {
      starts += 1;
    },
    delaysMs: [5, 10, 20, 40],
    ...options,
  });
  supervisor.onDidChangeState(state => states.push(state));
  running.push(supervisor);
  return { supervisor, states, log, starts: () => starts };
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 500; i += 1) {
    if (condition()) return;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  assert.fail(`it never came: ${what}`);
}

const code = (expected: string) => (error: unknown) => error instanceof EngineError && error.code === expected;

test('nothing is started before the first call, and one process serves all calls', async () => {
  const { supervisor, states, log, starts } = make({ FAKE_STDERR: 'hello from stderr' });
  assert.equal(supervisor.state, 'idle');
  const answer = await supervisor.request('key/generate', {});
  assert.equal(answer.key, 'MIKURA-KEY-1TEST');
  assert.deepEqual(states, ['starting', 'running']);
  assert.deepEqual(supervisor.info, { version: '9.9', pid: 4711 });
  assert.equal(starts(), 1);
  assert.ok(log.includes('info making a key'), 'log notifications reach the log');
  assert.ok(
    log.some(line => line.includes('hello from stderr')),
    'stderr reaches the log',
  );
});

test('a call that is running when the engine dies is rejected, and the engine comes back by itself', async () => {
  const { supervisor, states } = make({ FAKE_DIE_AFTER: '2' });
  await supervisor.running();
  await assert.rejects(supervisor.request('key/generate', {}), code('engine_gone'));
  await until(() => states.length === 5, 'a second process');
  assert.deepEqual(states, ['starting', 'running', 'waiting', 'starting', 'running']);
});

test('after five deaths in three minutes it is given up, and every call says so at once', async () => {
  const { supervisor, states } = make({ FAKE_DIE_AFTER: '1' });
  await assert.rejects(supervisor.request('key/generate', {}), code('engine_gone'));
  await until(() => supervisor.state === 'failed', 'the end of patience');
  assert.equal(states.filter(state => state === 'starting').length, 5);
  assert.equal(states.filter(state => state === 'waiting').length, 4);
  await assert.rejects(supervisor.request('key/generate', {}), code('engine_failed'));
});

test('deaths that lie further back do not count', async () => {
  let now = 0;
  const { supervisor, states } = make({ FAKE_DIE_AFTER: '1' }, { now: () => (now += 60_000), windowMs: 180_000 });
  supervisor.running().catch(() => {});
  await until(() => states.filter(state => state === 'starting').length >= 7, 'a seventh start');
  assert.notEqual(supervisor.state, 'failed');
  await supervisor.dispose();
});

test('restart begins anew after it was given up', async () => {
  const environment: NodeJS.ProcessEnv = { FAKE_DIE_AFTER: '1' };
  const { supervisor } = make(environment);
  supervisor.running().catch(() => {});
  await until(() => supervisor.state === 'failed', 'the end of patience');
  delete environment['FAKE_DIE_AFTER'];
  await supervisor.restart();
  assert.equal(supervisor.state, 'running');
  assert.equal((await supervisor.request('key/generate', {})).key, 'MIKURA-KEY-1TEST');
});

test('calls that come during a pause share the next start', async () => {
  const { supervisor, states } = make({ FAKE_DIE_AFTER: '2' }, { delaysMs: [200] });
  await supervisor.running();
  await assert.rejects(supervisor.request('key/generate', {}), code('engine_gone'));
  await until(() => supervisor.state === 'waiting', 'the pause');
  const both = await Promise.allSettled([supervisor.running(), supervisor.running()]);
  assert.ok(both.every(result => result.status === 'fulfilled'));
  assert.equal(states.filter(state => state === 'starting').length, 2);
});

test('who asks for the engine as soon as it hears of its death starts no second one', async () => {
  const { supervisor, states } = make({ FAKE_DIE_AFTER: '2' }, { delaysMs: [150] });
  let diedAt = 0;
  let startedAt = 0;
  supervisor.onDidChangeState(state => {
    if (state === 'waiting') {
      diedAt = Date.now();
      supervisor.running().catch(() => {});
    } else if (state === 'starting' && diedAt > 0 && startedAt === 0) startedAt = Date.now();
  });
  await supervisor.running();
  await assert.rejects(supervisor.request('key/generate', {}), code('engine_gone'));
  await until(() => states.length === 5, 'a second process');
  await new Promise(resolve => setTimeout(resolve, 300));
  assert.deepEqual(states, ['starting', 'running', 'waiting', 'starting', 'running']);
  assert.ok(startedAt - diedAt >= 140, `the pause was kept: ${startedAt - diedAt} ms`);
});

test('an engine that does not answer is ended, and the call is rejected', async () => {
  const { supervisor } = make({ FAKE_SILENT: '1' }, { startTimeoutMs: 150, maxDeaths: 1 });
  await assert.rejects(supervisor.request('key/generate', {}), code('engine_gone'));
  await until(() => supervisor.state === 'failed', 'the death of the silent process');
});

test('a missing engine is no crash: it is told once and not tried again', async () => {
  const { supervisor, states } = make(
    {},
    {
      command: async () => {
        const { path } = await locateEngine({
          environment: undefined,
          setting: '',
          extensionFolder: join(folder, 'nowhere'),
        });
        return { path, args: [] };
      },
    },
  );
  await assert.rejects(supervisor.request('key/generate', {}), code('engine_missing'));
  assert.deepEqual(states, ['starting', 'failed']);
  assert.equal(supervisor.lastFailure?.code, 'engine_missing');
});

test('dispose ends the process and rejects what waits', async () => {
  const { supervisor } = make({ FAKE_DIE_AFTER: '2' }, { delaysMs: [60_000] });
  await supervisor.running();
  await assert.rejects(supervisor.request('key/generate', {}), code('engine_gone'));
  await until(() => supervisor.state === 'waiting', 'the pause');
  const waiting = supervisor.request('key/generate', {});
  const rejected = assert.rejects(waiting, code('engine_gone'));
  await supervisor.dispose();
  await rejected;
  await assert.rejects(supervisor.running(), code('engine_gone'));
});

test('the engine is looked for in the environment, the setting and the extension, in this order', async () => {
  const bundled = join(folder, 'ext', 'engine');
  const { mkdir } = await import('node:fs/promises');
  await mkdir(bundled, { recursive: true });
  const program = join(folder, 'own');
  for (const path of [program, join(bundled, 'mikura')]) await writeFile(path, '#!/bin/sh\n');
  await chmod(program, 0o755);
  await chmod(join(bundled, 'mikura'), 0o644);
  const extensionFolder = join(folder, 'ext');
  const find = (environment: string | undefined, setting: string) =>
    locateEngine({ environment, setting, extensionFolder, platform: 'linux' });
  assert.deepEqual(await find(program, join(folder, 'other')), { path: program, source: 'environment' });
  assert.deepEqual(await find(undefined, program), { path: program, source: 'setting' });
  assert.deepEqual(await find(undefined, ''), { path: join(bundled, 'mikura'), source: 'bundled' }, 'made executable');
  await assert.rejects(
    find(undefined, join(folder, 'missing')),
    code('engine_missing'),
    'what is named is not replaced silently',
  );
  await assert.rejects(
    find(undefined, 'mikura'),
    code('engine_missing'),
    'a relative path would depend on the workspace',
  );
});
