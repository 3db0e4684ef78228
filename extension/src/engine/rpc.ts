// One conversation with one engine process. Every call settles: with its result, with an EngineError, or with
// `engine_gone` when the process ends. Used from the extension host's only thread.

import {
  CancellationTokenSource,
  ProgressType,
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type CancellationToken,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { EngineError, toEngineError } from './errors';
import type {
  FolderState,
  LogLevel,
  Method,
  MfaRequest,
  Notifications,
  Params,
  ProgressReport,
  Result,
  SecretRequest,
} from './protocol';

export interface CallOptions {
  signal?: AbortSignal;
  onProgress?: (report: ProgressReport) => void;
}

// What the engine asks and tells.
export interface EngineHandlers {
  secret(request: SecretRequest): Promise<string | null>;
  // `takenBack`: the engine does not need it any more.
  mfaCode(request: MfaRequest, takenBack: AbortSignal): Promise<string | null>;
  folderState(state: FolderState): void;
  log(level: LogLevel, message: string): void;
}

const PROGRESS = new ProgressType<ProgressReport>();
let nextToken = 1;

export class RpcClient {
  private readonly connection: MessageConnection;
  private closed = false;
  // Called once, when nothing can be said or heard any more.
  onClosed: (() => void) | undefined;

  constructor(input: NodeJS.ReadableStream, output: NodeJS.WritableStream, handlers: EngineHandlers) {
    this.connection = createMessageConnection(new StreamMessageReader(input), new StreamMessageWriter(output));
    this.connection.onRequest('secret/get', async (request: SecretRequest) => ({
      secret: await handlers.secret(request),
    }));
    this.connection.onRequest('mfa/get', async (request: MfaRequest, token: CancellationToken) => {
      const takenBack = new AbortController();
      const listener = token.onCancellationRequested(() => takenBack.abort());
      try {
        return { code: await handlers.mfaCode(request, takenBack.signal) };
      } finally {
        listener.dispose();
      }
    });
    this.connection.onNotification('folder/state', (state: FolderState) => handlers.folderState(state));
    this.connection.onNotification('log', ({ level, message }: { level: LogLevel; message: string }) =>
      handlers.log(level, message),
    );
    this.connection.onClose(() => this.close());
    this.connection.onError(([error]) => handlers.log('error', `the connection to the engine: ${error.message}`));
    this.connection.listen();
  }

  async request<M extends Method>(method: M, params: Params<M>, options: CallOptions = {}): Promise<Result<M>> {
    if (this.closed) throw new EngineError('engine_gone', 'the engine has ended', { retryable: true });
    if (options.signal?.aborted) throw new EngineError('cancelled', 'cancelled');
    const source = new CancellationTokenSource();
    const abort = () => source.cancel();
    options.signal?.addEventListener('abort', abort, { once: true });
    const token = options.onProgress ? `p${nextToken++}` : undefined;
    const progress = token ? this.connection.onProgress(PROGRESS, token, options.onProgress!) : undefined;
    try {
      const wire = token ? { ...params, progress_token: token } : params;
      return await this.connection.sendRequest<Result<M>>(method, wire, source.token);
    } catch (error) {
      throw this.closed
        ? new EngineError('engine_gone', 'the engine ended during the call', { retryable: true })
        : toEngineError(error);
    } finally {
      options.signal?.removeEventListener('abort', abort);
      progress?.dispose();
      source.dispose();
    }
  }

  notify<N extends keyof Notifications>(name: N, params: Notifications[N]): void {
    if (this.closed) return;
    this.connection.sendNotification(name, params).catch(() => this.close());
  }

  // Rejects what is pending. The library does so only when it is disposed, not when the stream ends.
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.connection.dispose();
    this.onClosed?.();
  }
}
