// The versions of one folder, or those of one path in it, page by page. Pure. A page that arrives for what is no
// longer shown is dropped.

import { toEngineError, type EngineError } from '../engine/errors';
import type { Change, Side, Version } from '../engine/protocol';
import type { FolderModel, Engine } from './folder';
import { parentFolders } from './paths';

export const PAGE = 50;
const MAX_CACHED_CHANGES = 200;

export class HistoryModel {
  versions: Version[] = [];
  hasMore = false;
  loaded = false;
  failure: EngineError | undefined;
  path: string | undefined;
  private generation = 0;
  private readonly changes = new Map<string, Promise<Change[]>>();

  constructor(
    readonly model: FolderModel,
    private readonly engine: Engine,
    private readonly page = PAGE,
  ) {}

  setPath(path: string | undefined): void {
    if (path === this.path) return;
    this.path = path;
    this.clear();
  }

  clear(): void {
    this.generation += 1;
    this.versions = [];
    this.hasMore = false;
    this.loaded = false;
    this.failure = undefined;
  }

  // Loads again as many versions as are shown, so that what the user scrolled to stays.
  async reload(signal?: AbortSignal): Promise<void> {
    await this.load(Math.max(this.page, Math.min(this.versions.length, 1000)), undefined, signal);
  }

  async more(signal?: AbortSignal): Promise<void> {
    const last = this.versions.at(-1);
    if (this.hasMore && last) await this.load(this.page, last.version, signal);
  }

  // What a version changed: its difference from its parent, in the whole or beneath the shown path.
  changesOf(version: Version): Promise<Change[]> {
    const key = `${version.version} ${this.path ?? ''}`;
    const known = this.changes.get(key);
    if (known) return known;
    const before: Side = version.parent ? { version: version.parent } : { empty: true };
    const asked = this.engine
      .request('diff', {
        folder: this.model.folder,
        before,
        after: { version: version.version },
        ...(this.path ? { paths: [this.path] } : {}),
      })
      .then(result => visibleChanges(result.changes));
    asked.catch(() => this.changes.delete(key));
    this.changes.set(key, asked);
    if (this.changes.size > MAX_CACHED_CHANGES) this.changes.delete(this.changes.keys().next().value!);
    return asked;
  }

  private async load(limit: number, before: string | undefined, signal?: AbortSignal): Promise<void> {
    const generation = this.generation;
    try {
      const answer = await this.engine.request(
        'history/list',
        {
          folder: this.model.folder,
          limit,
          ...(this.path ? { path: this.path } : {}),
          ...(before ? { before } : {}),
        },
        { signal },
      );
      if (generation !== this.generation) return;
      this.versions = before ? [...this.versions, ...answer.versions] : answer.versions;
      this.hasMore = answer.has_more;
      this.failure = undefined;
    } catch (error) {
      if (generation !== this.generation) return;
      this.failure = toEngineError(error);
    }
    this.loaded = true;
  }
}

// A folder is listed only if nothing in it is.
export function visibleChanges(changes: readonly Change[]): Change[] {
  const parents = parentFolders(changes.map(change => change.path));
  return changes.filter(change => (change.after ?? change.before)?.kind !== 'directory' || !parents.has(change.path));
}
