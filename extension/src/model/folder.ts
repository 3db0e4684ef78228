// What is known of one workspace folder: its repository, its changes, conflicts and incoming changes, and what is
// going on. Pure: it talks to the engine through a small interface and tells by an event that something changed; what
// is shown is made from it elsewhere.

import { EngineError, asErrorCode, toEngineError } from '../engine/errors';
import type {
  Action,
  Conflict,
  Failure,
  FolderInfo,
  FolderState,
  Method,
  Notifications,
  Params,
  ProgressReport,
  Result,
  Status,
} from '../engine/protocol';
import type { CallOptions } from '../engine/rpc';
import { Emitter } from '../util/emitter';
import { parentFolders } from './paths';

export interface Engine {
  request<M extends Method>(method: M, params: Params<M>, options?: CallOptions): Promise<Result<M>>;
  notify<N extends keyof Notifications>(name: N, params: Notifications[N]): void;
}

export type OperationKind = 'sync' | 'push' | 'pull' | 'restore' | 'resolve' | 'discard' | 'setup' | 'check';
export interface Operation {
  kind: OperationKind;
  // Nobody has asked for it.
  background: boolean;
  progress?: ProgressReport;
}
export type KeyState = 'unknown' | 'present' | 'missing' | 'wrong';

export class FolderModel {
  private readonly emitter = new Emitter<void>();
  readonly onDidChange = this.emitter.event;

  info: FolderInfo | undefined;
  state: FolderState | undefined;
  status: Status | undefined;
  incoming: Action[] = [];
  key: KeyState = 'unknown';
  operation: Operation | undefined;
  // Why the folder cannot be looked at or worked with; undefined if it can.
  failure: EngineError | undefined;

  private refreshing: Promise<void> | undefined;
  private wanted: { remote: boolean } | undefined;
  private sawChecking = false;
  private seenRevision = -1;
  private disposed = false;

  constructor(
    readonly folder: string,
    readonly name: string,
    private readonly engine: Engine,
  ) {}

  get linked(): boolean {
    return this.info?.linked === true;
  }
  get root(): string {
    return this.info?.root ?? this.folder;
  }
  get repository(): string | undefined {
    return this.info?.repository;
  }
  get base(): string | undefined {
    return this.status?.base ?? undefined;
  }
  get conflicts(): readonly Conflict[] {
    return this.status?.conflicts ?? [];
  }
  get changes(): readonly Action[] {
    return visible(this.status?.local ?? []);
  }
  get busy(): boolean {
    return this.operation !== undefined || this.state?.activity === 'syncing' || this.state?.activity === 'restoring';
  }
  get paused(): boolean {
    return this.state?.activity === 'paused';
  }

  // Opens the folder in a fresh engine. Never throws: a folder that cannot be opened says so in `failure`.
  async open(engine: Engine = this.engine): Promise<void> {
    try {
      this.info = await engine.request('folder/open', { folder: this.folder });
      this.failure = undefined;
      this.seenRevision = -1;
    } catch (error) {
      this.failure = toEngineError(error);
    }
    this.changed();
  }

  applyInfo(info: FolderInfo): void {
    this.info = info;
    this.changed();
  }

  applyState(state: FolderState): void {
    if (state.activity === 'checking' || state.activity === 'syncing') this.sawChecking = true;
    this.state = state;
    if (state.problem) this.noteProblem(state.problem);
    else if (state.activity !== 'offline' && this.failure?.code !== 'mfa_missing') this.failure = undefined;
    const news = state.revision !== this.seenRevision && state.activity !== 'syncing' && state.activity !== 'restoring';
    if (news && this.linked) {
      this.seenRevision = state.revision;
      const remote = this.sawChecking;
      if (state.activity !== 'checking') this.sawChecking = false;
      void this.refresh({ remote });
    }
    this.changed();
  }

  // Asks for the status again. Calls that come during one are answered together by the next one. Never throws.
  refresh(options: { remote: boolean }): Promise<void> {
    this.wanted = { remote: options.remote || this.wanted?.remote === true };
    this.refreshing ??= this.refreshLoop().finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  // Runs one call that changes the folder or takes long, and shows that it does. What a guard refused is told where it was
  // asked for; `background`: nobody is there to be told, so it is remembered.
  async run<T>(
    kind: OperationKind,
    work: (onProgress: (report: ProgressReport) => void) => Promise<T>,
    background = false,
  ): Promise<T> {
    const operation: Operation = { kind, background };
    this.operation = operation;
    this.changed();
    try {
      return await work(report => {
        operation.progress = report;
        this.changed();
      });
    } catch (error) {
      const failure = toEngineError(error);
      if (background || failure.code !== 'refused') this.noteFailure(failure);
      throw error;
    } finally {
      if (this.operation === operation) this.operation = undefined;
      this.changed();
    }
  }

  noteKey(key: KeyState): void {
    this.key = key;
    if (key === 'present' && (this.failure?.code === 'key_missing' || this.failure?.code === 'wrong_key'))
      this.failure = undefined;
    this.changed();
  }

  // After a sync that left nothing behind, what was announced as incoming is here.
  noteIncoming(incoming: Action[]): void {
    this.incoming = visible(incoming);
    this.changed();
  }

  engineGone(): void {
    this.state = undefined;
    this.operation = undefined;
    this.changed();
  }

  dispose(): void {
    this.disposed = true;
    this.emitter.dispose();
  }

  private async refreshLoop(): Promise<void> {
    while (this.wanted && !this.disposed && this.linked) {
      const remote = this.wanted.remote && this.key !== 'missing' && this.key !== 'wrong';
      this.wanted = undefined;
      try {
        const status = await this.engine.request('status', { folder: this.folder, check_remote: remote });
        this.status = status;
        if (status.remote_checked) {
          this.incoming = visible(status.incoming);
          this.key = 'present';
          if (this.failure?.code === 'mfa_missing') this.failure = undefined;
        }
        if (typeof status.remote_problem === 'object' && status.remote_problem) this.noteProblem(status.remote_problem);
        else if (
          this.failure &&
          this.failure.code !== 'key_missing' &&
          this.failure.code !== 'wrong_key' &&
          this.failure.code !== 'mfa_missing' &&
          !this.state?.problem
        )
          this.failure = undefined;
      } catch (error) {
        this.noteFailure(toEngineError(error));
      }
      this.changed();
    }
    this.wanted = undefined;
  }

  private noteProblem(problem: Failure): void {
    this.noteFailure(new EngineError(asErrorCode(problem.code), problem.message, problem));
  }

  private noteFailure(error: EngineError): void {
    if (error.code === 'cancelled' || error.code === 'conflict') return;
    if (error.code === 'key_missing') this.key = 'missing';
    if (error.code === 'wrong_key') this.key = 'wrong';
    if (error.code === 'not_linked') this.info = { linked: false };
    this.failure = error;
  }

  private changed(): void {
    if (!this.disposed) this.emitter.fire();
  }
}

// What a person calls a change: no pure changes of time, and a folder only if nothing in it is listed.
export function visible(actions: readonly Action[]): Action[] {
  const shown = actions.filter(action => action.action !== 'metadata_local');
  const parents = parentFolders(shown.map(action => action.path));
  return shown.filter(action => action.kind !== 'directory' || !parents.has(action.path));
}
