// Keys by repository: in the editor's secret storage, or in memory until the window closes. The storage is a cache:
// what it has lost is asked for again, and never a reason to create anything.

import type { SecretStorage } from 'vscode';
import { Emitter } from '../util/emitter';

export type Keeping = 'keychain' | 'session';

const PREFIX = 'mikura.key.';

export class KeyStore {
  private readonly session = new Map<string, string>();
  // Those of `session` that were never meant for the storage, or that it did not keep.
  private readonly sessionOnly = new Set<string>();
  private readonly candidates = new Map<string, string>();
  private readonly forgottenEmitter = new Emitter<string>();
  private readonly listener: { dispose(): void };
  // The repository whose key was forgotten, here or in another window.
  readonly onDidForget = this.forgottenEmitter.event;

  constructor(
    private readonly storage: SecretStorage,
    private readonly warn: (message: string) => void,
  ) {
    this.listener = storage.onDidChange(event => void this.storageChanged(event.key));
  }

  // What is given to the engine: a key that is being tried, else the one that is kept.
  async get(repository: string): Promise<string | undefined> {
    const known = this.candidates.get(repository) ?? this.candidates.get('') ?? this.session.get(repository);
    return known ?? (repository === '' ? undefined : this.stored(repository));
  }

  async has(repository: string): Promise<boolean> {
    return (await this.get(repository)) !== undefined;
  }

  // Runs `work` while `secret` is the answer for a repository. '' stands for one whose id is not known yet.
  async trying<T>(repository: string, secret: string, work: () => Promise<T>): Promise<T> {
    this.candidates.set(repository, secret);
    try {
      return await work();
    } finally {
      this.candidates.delete(repository);
    }
  }

  // Keeps a key that has been proven. Returns where it is really kept: a storage that does not give back what it took
  // counts as none.
  async keep(repository: string, secret: string, keeping: Keeping): Promise<Keeping> {
    this.session.set(repository, secret);
    this.sessionOnly.add(repository);
    if (keeping === 'session') {
      await this.deleteStored(repository);
      return 'session';
    }
    try {
      await this.storage.store(PREFIX + repository, secret);
      if ((await this.storage.get(PREFIX + repository)) === secret) {
        this.sessionOnly.delete(repository);
        return 'keychain';
      }
      this.warn('the secret storage did not give the key back');
    } catch (error) {
      this.warn(`the secret storage failed: ${error instanceof Error ? error.message : String(error)}`);
    }
    return 'session';
  }

  async forget(repository: string): Promise<void> {
    this.session.delete(repository);
    this.sessionOnly.delete(repository);
    await this.deleteStored(repository);
    this.forgottenEmitter.fire(repository);
  }

  dispose(): void {
    this.listener.dispose();
    this.session.clear();
    this.candidates.clear();
    this.forgottenEmitter.dispose();
  }

  private async stored(repository: string): Promise<string | undefined> {
    try {
      return await this.storage.get(PREFIX + repository);
    } catch (error) {
      this.warn(`the secret storage failed: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  private async deleteStored(repository: string): Promise<void> {
    try {
      if ((await this.storage.get(PREFIX + repository)) !== undefined) await this.storage.delete(PREFIX + repository);
    } catch (error) {
      this.warn(`the secret storage failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  // Another window changed or removed a key. A key that was removed there is forgotten here, too; a new one is picked
  // up from the storage.
  private async storageChanged(key: string): Promise<void> {
    if (!key.startsWith(PREFIX)) return;
    const repository = key.slice(PREFIX.length);
    const held = this.session.get(repository);
    if (held === undefined) return;
    const now = await this.stored(repository);
    if (now === held) return;
    if (now !== undefined) {
      this.session.set(repository, now);
      return;
    }
    if (this.session.get(repository) !== held || this.sessionOnly.has(repository)) return;
    this.session.delete(repository);
    this.forgottenEmitter.fire(repository);
  }
}
