// Keeps one engine process alive for the window. It is started by the first call that needs it, started again when it
// dies (after 1, 2, 4, 8 seconds), and given up after five deaths within three minutes, until somebody says
// restart(). A call is never left pending.

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { homedir } from 'node:os';
import { createInterface } from 'node:readline';
import { Emitter } from '../util/emitter';
import { EngineError, toEngineError } from './errors';
import { PROTOCOL_VERSION, type LogLevel, type Method, type Notifications, type Params, type Result } from './protocol';
import { RpcClient, type CallOptions, type EngineHandlers } from './rpc';

export type EngineState = 'idle' | 'starting' | 'running' | 'waiting' | 'failed' | 'disposed';

export interface Command {
  path: string;
  args: string[];
  environment?: NodeJS.ProcessEnv;
}

export interface SupervisorOptions {
  command(): Promise<Command>;
  client: { name: string; version: string };
  identity(): { author?: string; device?: string };
  handlers: EngineHandlers;
  // Called for every new process before any other call reaches it: opens folders again.
  onStarted(client: RpcClient): Promise<void>;
  delaysMs?: number[];
  maxDeaths?: number;
  windowMs?: number;
  startTimeoutMs?: number;
  now?: () => number;
}

const HANDSHAKE_MS = 20_000;

export class Supervisor {
  private readonly stateEmitter = new Emitter<EngineState>();
  readonly onDidChangeState = this.stateEmitter.event;
  private currentState: EngineState = 'idle';
  private process: ChildProcessWithoutNullStreams | undefined;
  private client: RpcClient | undefined;
  private starting: Promise<RpcClient> | undefined;
  private abandon: ((error: EngineError) => void) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private deaths: number[] = [];
  private failure: EngineError | undefined;
  private engine: { version: string; pid: number } | undefined;

  constructor(private readonly options: SupervisorOptions) {}

  get state(): EngineState {
    return this.currentState;
  }
  get lastFailure(): EngineError | undefined {
    return this.failure;
  }
  get info(): { version: string; pid: number } | undefined {
    return this.engine;
  }

  async request<M extends Method>(method: M, params: Params<M>, options?: CallOptions): Promise<Result<M>> {
    return (await this.running()).request(method, params, options);
  }

  // Notifications are hints: without an engine there is nobody to tell.
  notify<N extends keyof Notifications>(name: N, params: Notifications[N]): void {
    this.client?.notify(name, params);
  }

  // The engine, started if need be.
  running(): Promise<RpcClient> {
    if (this.currentState === 'disposed')
      return Promise.reject(new EngineError('engine_gone', 'the window is closing'));
    if (this.currentState === 'failed') {
      return Promise.reject(
        new EngineError('engine_failed', this.failure?.message ?? 'the engine stopped', { hint: this.failure?.hint }),
      );
    }
    if (this.currentState === 'running' && this.client) return Promise.resolve(this.client);
    return this.starting ?? this.startLater(0);
  }

  async restart(): Promise<void> {
    this.deaths = [];
    this.failure = undefined;
    this.abandonStart();
    await this.stop();
    if (this.currentState !== 'disposed') this.become('idle');
    await this.running();
  }

  async dispose(): Promise<void> {
    this.become('disposed');
    this.abandonStart();
    await this.stop();
    this.stateEmitter.dispose();
  }

  // Calls that come while the next start is being waited for share it, so that an engine that dies at once is not
  // started in a tight loop.
  private startLater(delayMs: number): Promise<RpcClient> {
    const start = new Promise<RpcClient>((resolve, reject) => {
      this.abandon = reject;
      if (delayMs === 0) void this.start().then(resolve, reject);
      else this.timer = setTimeout(() => void this.start().then(resolve, reject), delayMs);
    });
    this.starting = start;
    const clear = () => {
      if (this.starting === start) this.starting = undefined;
    };
    start.then(clear, clear);
    return start;
  }

  private abandonStart(): void {
    clearTimeout(this.timer);
    this.abandon?.(new EngineError('engine_gone', 'the engine is being stopped', { retryable: true }));
    this.starting = undefined;
  }

  private async start(): Promise<RpcClient> {
    this.become('starting');
    try {
      const command = await this.options.command();
      const client = this.spawn(command);
      await this.handshake(client);
      await this.options.onStarted(client);
      if (this.client !== client)
        throw new EngineError('engine_gone', 'the engine ended while it was starting', { retryable: true });
      this.become('running');
      return client;
    } catch (error) {
      const failure = toEngineError(error);
      this.failure = failure;
      if (failure.code === 'engine_missing' || failure.code === 'engine_mismatch') {
        await this.stop();
        this.become('failed');
      } else if (this.client) {
        this.options.handlers.log('error', `the engine did not start: ${failure.message}`);
        this.process?.kill('SIGKILL');
      }
      throw failure;
    }
  }

  private spawn(command: Command): RpcClient {
    this.options.handlers.log('info', `starting ${command.path} ${command.args.join(' ')}`);
    const child = spawn(command.path, command.args, {
      cwd: homedir(),
      env: { ...process.env, ...command.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const client = new RpcClient(child.stdout, child.stdin, this.options.handlers);
    this.process = child;
    this.client = client;
    child.stdin.on('error', () => client.close());
    // A process that has closed its output is of no use any more, whether it ends by itself or hangs.
    client.onClosed = () => {
      const impatience = setTimeout(() => child.kill('SIGKILL'), 3000);
      child.once('exit', () => clearTimeout(impatience));
    };
    createInterface({ input: child.stderr }).on('line', line => this.options.handlers.log('info', `engine: ${line}`));
    child.once('error', error => this.died(child, client, `it could not be started: ${error.message}`));
    child.once('exit', (code, signal) =>
      this.died(child, client, signal ? `killed by ${signal}` : `exit code ${code}`),
    );
    return client;
  }

  private async handshake(client: RpcClient): Promise<void> {
    const timeout = AbortSignal.timeout(this.options.startTimeoutMs ?? HANDSHAKE_MS);
    const late = new Promise<never>((_resolve, reject) => {
      timeout.addEventListener(
        'abort',
        () => reject(new EngineError('engine_gone', 'the engine did not answer in time')),
        { once: true },
      );
    });
    const call = client.request('initialize', {
      protocol: { min: PROTOCOL_VERSION, max: PROTOCOL_VERSION },
      client: this.options.client,
      ...this.options.identity(),
    });
    try {
      const answer = await Promise.race([call, late]);
      this.engine = { version: answer.engine.version, pid: answer.pid };
      this.options.handlers.log(
        'info',
        `engine ${answer.engine.version}, process ${answer.pid}, protocol ${answer.protocol}`,
      );
    } catch (error) {
      call.catch(() => {});
      const failure = toEngineError(error);
      if (failure.code === 'unsupported')
        throw new EngineError('engine_mismatch', failure.message, { hint: failure.hint });
      throw failure;
    }
  }

  private died(child: ChildProcessWithoutNullStreams, client: RpcClient, how: string): void {
    client.close();
    if (this.process !== child) return;
    this.process = undefined;
    this.client = undefined;
    this.engine = undefined;
    if (this.currentState === 'disposed' || this.currentState === 'failed') return;
    const now = (this.options.now ?? Date.now)();
    this.deaths = [...this.deaths.filter(at => now - at < (this.options.windowMs ?? 180_000)), now];
    this.failure = new EngineError('engine_gone', `the engine ended: ${how}`, { retryable: true });
    const level: LogLevel = 'error';
    if (this.deaths.length >= (this.options.maxDeaths ?? 5)) {
      this.options.handlers.log(
        level,
        `the engine ended (${how}), ${this.deaths.length} times in three minutes; it is not started again`,
      );
      this.become('failed');
      return;
    }
    const delays = this.options.delaysMs ?? [1000, 2000, 4000, 8000];
    const delay = delays[Math.min(this.deaths.length, delays.length) - 1] ?? 1000;
    this.options.handlers.log(level, `the engine ended (${how}); starting it again in ${delay} ms`);
    // Before anybody hears of it: who asks for the engine when told so shares this start.
    this.startLater(delay).catch(() => {});
    this.become('waiting');
  }

  // Ends the process: end of input first, which lets it finish what must not be cut short.
  private async stop(): Promise<void> {
    const child = this.process;
    const client = this.client;
    this.process = undefined;
    this.client = undefined;
    this.engine = undefined;
    if (!child) return;
    const gone = new Promise<void>(resolve => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    if (child.exitCode !== null || child.signalCode !== null) return;
    client?.close();
    child.stdin.end();
    const terminate = setTimeout(() => child.kill('SIGTERM'), 2000);
    const kill = setTimeout(() => child.kill('SIGKILL'), 2500);
    await gone;
    clearTimeout(terminate);
    clearTimeout(kill);
  }

  private become(state: EngineState): void {
    if (this.currentState === state || this.currentState === 'disposed') return;
    this.currentState = state;
    this.stateEmitter.fire(state);
  }
}
