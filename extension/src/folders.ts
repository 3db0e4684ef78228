// Keeps the engine in step with the window: opens and closes folders, passes on settings, saves and unsaved files,
// syncs at an interval where that is asked for, and keeps the context keys. The engine is not started before a folder
// needs it.

import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { App } from './app';
import type { CallOptions, RpcClient } from './engine/rpc';
import type { FolderModel } from './model/folder';
import { setupState, type SetupState } from './model/setupState';
import { toIndexPath } from './model/paths';
import * as config from './util/config';

const KIT_PENDING = 'mikura.kitPending.';

export class Folders implements vscode.Disposable {
  private readonly subscriptions: { dispose(): void }[] = [];
  private readonly intervals = new Map<string, { minutes: number; timer: NodeJS.Timeout }>();
  private readonly unsaved = new Map<string, string>();
  private readonly contexts = new Map<string, string>();
  private contextTimer: NodeJS.Timeout | undefined;

  constructor(private readonly app: App) {
    this.subscriptions.push(
      vscode.workspace.onDidChangeWorkspaceFolders(() => void this.takeFolders()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.takeFolders()),
      vscode.workspace.onDidSaveTextDocument(document => this.saved(document)),
      vscode.workspace.onDidChangeTextDocument(event => this.edited(event.document)),
      vscode.workspace.onDidCloseTextDocument(document => this.edited(document)),
      vscode.workspace.onDidChangeConfiguration(event => {
        if (event.affectsConfiguration('mikura')) for (const model of app.registry.linked) void this.configure(model);
      }),
      app.registry.onDidChange(() => this.contextsSoon()),
      app.registry.onDidChangeFolders(() => this.contextsSoon()),
      app.engine.onDidChangeState(state => {
        if (state !== 'running') app.registry.engineGone();
        this.contextsSoon();
      }),
    );
  }

  async start(): Promise<void> {
    this.updateContexts();
    await this.takeFolders();
  }

  // Called for every fresh engine process before anything else reaches it. Folders that were never looked at stay so.
  async reopen(client: RpcClient): Promise<void> {
    client.notify('log/level', { level: logLevel(this.app.log.logLevel) });
    await Promise.all(
      this.app.registry.all
        .filter(model => model.linked || model.failure)
        .map(async model => {
          await model.open(client);
          if (model.linked) await this.watch(model, client);
        }),
    );
  }

  // Starts to work with a folder that has a repository: after it was opened, created or connected.
  async begin(model: FolderModel): Promise<void> {
    await model.open(this.app.engine);
    if (!model.linked) return;
    await this.configure(model);
    const known = model.repository !== undefined && (await this.app.keys.has(model.repository));
    if (!known) model.noteKey('missing');
    // The folder itself can be shown before the store has answered.
    await model.refresh({ remote: false });
    if (known) void model.refresh({ remote: true });
  }

  // Whether the recovery kit must be saved before anything is published.
  kitPending(repository: string): boolean {
    return this.app.context.globalState.get<boolean>(KIT_PENDING + repository, false);
  }

  async setKitPending(repository: string, pending: boolean): Promise<void> {
    await this.app.context.globalState.update(KIT_PENDING + repository, pending || undefined);
    for (const model of this.app.registry.withRepository(repository)) await this.configure(model);
  }

  setContext(key: string, value: unknown): void {
    // Uri objects must reach the workbench as they are: a string of theirs means another place in a remote window.
    const text = JSON.stringify(value);
    if (this.contexts.get(key) === text) return;
    this.contexts.set(key, text);
    void vscode.commands.executeCommand('setContext', `mikura.${key}`, value);
  }

  dispose(): void {
    clearTimeout(this.contextTimer);
    for (const subscription of this.subscriptions) subscription.dispose();
    for (const { timer } of this.intervals.values()) clearInterval(timer);
    this.intervals.clear();
  }

  private async takeFolders(): Promise<void> {
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(folder => folder.uri.scheme === 'file');
    const { added, removed } = this.app.registry.update(
      folders.map(folder => ({ path: folder.uri.fsPath, name: folder.name })),
    );
    for (const model of removed) this.drop(model);
    this.contextsSoon();
    if (!vscode.workspace.isTrusted) return;
    const waiting = new Set([...added, ...this.app.registry.all.filter(model => !model.info)]);
    await Promise.all([...waiting].map(model => this.look(model)));
  }

  private async look(model: FolderModel): Promise<void> {
    try {
      if (await mayBeLinked(model.folder)) await this.begin(model);
      else model.applyInfo({ linked: false });
    } catch (error) {
      this.app.log.error(`opening ${model.folder}: ${String(error)}`);
    }
  }

  private drop(model: FolderModel): void {
    if (this.app.engine.state === 'running')
      void this.app.engine.request('folder/close', { folder: model.folder }).catch(() => {});
    clearInterval(this.intervals.get(model.folder)?.timer);
    this.intervals.delete(model.folder);
    this.unsaved.delete(model.folder);
  }

  private async configure(model: FolderModel): Promise<void> {
    const settings = config.folderSettings(model.folder);
    try {
      if (Object.keys(settings).length > 0)
        model.applyInfo(await this.app.engine.request('folder/configure', { folder: model.folder, ...settings }));
      await this.watch(model, this.app.engine);
    } catch (error) {
      this.app.log.error(`settings of ${model.folder}: ${String(error)}`);
    }
  }

  private async watch(model: FolderModel, engine: Pick<RpcClient, 'request' | 'notify'>): Promise<void> {
    const mayPublish = model.repository !== undefined && !this.kitPending(model.repository);
    this.unsaved.delete(model.folder);
    this.tellUnsaved(model, engine);
    await engine
      .request('watch/start', { folder: model.folder, settings: config.watchSettings(model.folder, mayPublish) })
      .catch(error => this.app.log.warn(`watching ${model.folder}: ${String(error)}`));
    this.setInterval(model, mayPublish);
  }

  private setInterval(model: FolderModel, mayPublish: boolean): void {
    const minutes =
      config.autoSyncMode(model.folder) === 'interval' && mayPublish ? config.pollMinutes(model.folder) : 0;
    const running = this.intervals.get(model.folder);
    if (running?.minutes === minutes || (!running && minutes === 0)) return;
    clearInterval(running?.timer);
    this.intervals.delete(model.folder);
    if (minutes > 0)
      this.intervals.set(model.folder, {
        minutes,
        timer: setInterval(() => this.syncQuietly(model), minutes * 60_000),
      });
  }

  private syncQuietly(model: FolderModel): void {
    const inTheWay =
      model.busy ||
      model.paused ||
      model.key === 'missing' ||
      model.key === 'wrong' ||
      model.state?.activity === 'stopped';
    if (inTheWay) return;
    const sync = (onProgress: CallOptions['onProgress']) =>
      this.app.engine.request('sync', { folder: model.folder, mode: 'sync' }, { onProgress });
    model.run('sync', sync, true).catch(error => this.app.log.warn(`sync of ${model.folder}: ${String(error)}`));
  }

  private saved(document: vscode.TextDocument): void {
    const model = document.uri.scheme === 'file' ? this.app.registry.owner(document.uri.fsPath) : undefined;
    if (!model) return;
    this.tellUnsaved(model, this.app.engine);
    this.app.engine.notify('watch/hint', { folder: model.folder });
  }

  private edited(document: vscode.TextDocument): void {
    const model = document.uri.scheme === 'file' ? this.app.registry.owner(document.uri.fsPath) : undefined;
    if (model) this.tellUnsaved(model, this.app.engine);
  }

  // Before a call that may replace files: what was saved a moment ago counts as saved.
  flushUnsaved(model: FolderModel): void {
    this.tellUnsaved(model, this.app.engine);
  }

  // Only when the set changes: this runs at every key stroke.
  private tellUnsaved(model: FolderModel, engine: Pick<RpcClient, 'notify'>): void {
    const paths = unsavedPaths(model);
    const text = paths.join('\n');
    if (this.unsaved.get(model.folder) === text || (!this.unsaved.has(model.folder) && text === '')) return;
    this.unsaved.set(model.folder, text);
    engine.notify('unsaved/set', { folder: model.folder, paths });
  }

  private contextsSoon(): void {
    this.contextTimer ??= setTimeout(() => {
      this.contextTimer = undefined;
      this.updateContexts();
    }, 20);
  }

  private updateContexts(): void {
    const linked = this.app.registry.linked;
    const conflicts = linked.flatMap(model =>
      model.conflicts.map(conflict => vscode.Uri.joinPath(vscode.Uri.file(model.root), conflict.path)),
    );
    // At every moment one of our views is shown: VS Code would close a side bar that is empty even for a moment.
    const hasRepository = () => this.setContext('hasRepository', linked.length > 0);
    if (linked.length > 0) hasRepository();
    this.setContext('setupState', currentSetupState(this.app));
    hasRepository();
    this.setContext(
      'hasVersions',
      linked.some(model => model.base !== undefined),
    );
    this.setContext(
      'busy',
      linked.some(model => model.operation !== undefined),
    );
    this.setContext('paused', linked.length > 0 && linked.every(model => model.paused));
    this.setContext(
      'mfaMissing',
      linked.some(model => model.failure?.code === 'mfa_missing'),
    );
    this.setContext('conflictCount', conflicts.length);
    this.setContext('conflictUris', conflicts);
  }
}

export function currentSetupState({ registry, engine }: Pick<App, 'registry' | 'engine'>): SetupState {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return setupState({
    trusted: vscode.workspace.isTrusted,
    folders: folders.length,
    fileFolders: folders.filter(folder => folder.uri.scheme === 'file').length,
    engine: engine.state,
    models: registry.all,
  });
}

export function unsavedDocuments(model: FolderModel): vscode.TextDocument[] {
  return vscode.workspace.textDocuments.filter(
    document =>
      document.isDirty && document.uri.scheme === 'file' && toIndexPath(document.uri.fsPath, model.root) !== undefined,
  );
}

function unsavedPaths(model: FolderModel): string[] {
  return unsavedDocuments(model)
    .map(document => toIndexPath(document.uri.fsPath, model.root)!)
    .sort();
}

// The folder, or one above it, has been linked once. Asking the engine would mean starting it in every window.
async function mayBeLinked(folder: string): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    const found = await access(join(at, '.mikura')).then(
      () => true,
      () => false,
    );
    if (found) return true;
    if (dirname(at) === at) return false;
  }
}

export function logLevel(level: vscode.LogLevel): 'error' | 'warning' | 'info' | 'debug' {
  switch (level) {
    case vscode.LogLevel.Trace:
    case vscode.LogLevel.Debug:
      return 'debug';
    case vscode.LogLevel.Warning:
      return 'warning';
    case vscode.LogLevel.Error:
    case vscode.LogLevel.Off:
      return 'error';
    default:
      return 'info';
  }
}
