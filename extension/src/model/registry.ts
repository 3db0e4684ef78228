// The folders of the window, kept in step with the workspace while it changes, and the way from a file to its folder.

import type { FolderState } from '../engine/protocol';
import { Emitter } from '../util/emitter';
import { FolderModel, type Engine } from './folder';
import { isBeneath } from './paths';

export class FolderRegistry {
  private readonly models = new Map<string, FolderModel>();
  private readonly listeners = new Map<string, { dispose(): void }>();
  private readonly changeEmitter = new Emitter<FolderModel>();
  private readonly foldersEmitter = new Emitter<void>();
  // One folder changed; the set of folders changed.
  readonly onDidChange = this.changeEmitter.event;
  readonly onDidChangeFolders = this.foldersEmitter.event;

  constructor(private readonly engine: Engine) {}

  get all(): FolderModel[] {
    return [...this.models.values()];
  }
  get linked(): FolderModel[] {
    return this.all.filter(model => model.linked);
  }
  get(folder: string): FolderModel | undefined {
    return this.models.get(folder);
  }
  withRepository(repository: string): FolderModel[] {
    return this.all.filter(model => model.repository === repository);
  }

  // Takes over the workspace's folders; returns those that are new.
  update(folders: readonly { path: string; name: string }[]): { added: FolderModel[]; removed: FolderModel[] } {
    const wanted = new Set(folders.map(folder => folder.path));
    const removed = this.all.filter(model => !wanted.has(model.folder));
    for (const model of removed) this.remove(model);
    const added: FolderModel[] = [];
    for (const { path, name } of folders) {
      if (this.models.has(path)) continue;
      const model = new FolderModel(path, name, this.engine);
      this.models.set(path, model);
      this.listeners.set(
        path,
        model.onDidChange(() => this.changeEmitter.fire(model)),
      );
      added.push(model);
    }
    if (added.length > 0 || removed.length > 0) this.foldersEmitter.fire();
    return { added, removed };
  }

  // The linked folder that holds a file; of nested ones the innermost.
  owner(path: string): FolderModel | undefined {
    let best: FolderModel | undefined;
    for (const model of this.linked) {
      if ((path === model.root || isBeneath(path, model.root)) && (!best || model.folder.length > best.folder.length))
        best = model;
    }
    return best;
  }

  applyState(state: FolderState): void {
    this.models.get(state.folder)?.applyState(state);
  }

  engineGone(): void {
    for (const model of this.all) model.engineGone();
  }

  dispose(): void {
    for (const model of this.all) this.remove(model);
    this.changeEmitter.dispose();
    this.foldersEmitter.dispose();
  }

  private remove(model: FolderModel): void {
    this.models.delete(model.folder);
    this.listeners.get(model.folder)?.dispose();
    this.listeners.delete(model.folder);
    model.dispose();
  }
}
