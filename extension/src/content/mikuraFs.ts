// Shows files of versions: text, images, anything that the editor can open. Read-only. A small cache keeps what was
// just shown, since the editor asks for the size and then for the bytes.

import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { toEngineError } from '../engine/errors';
import { MAX_CONTENT_BYTES } from '../engine/protocol';
import type { App } from '../app';
import { explainInLine } from '../util/messages';
import { SCHEME, parseUri, type Address } from './uri';

const CACHE_BYTES = 64 * 1024 * 1024;
const CACHE_MS = 3 * 60 * 1000;

interface Cached {
  bytes: Promise<Uint8Array>;
  at: number;
  size: number;
}

export class MikuraFs implements vscode.FileSystemProvider {
  private readonly changeEmitter = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.changeEmitter.event;
  private readonly cache = new Map<string, Cached>();

  constructor(private readonly app: App) {}

  static register(app: App): vscode.Disposable {
    return vscode.workspace.registerFileSystemProvider(SCHEME, new MikuraFs(app), {
      isReadonly: true,
      isCaseSensitive: true,
    });
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const bytes = await this.bytes(uri);
    return {
      type: vscode.FileType.File,
      ctime: 0,
      mtime: 0,
      size: bytes.byteLength,
      permissions: vscode.FilePermission.Readonly,
    };
  }

  readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return this.bytes(uri);
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => {});
  }
  readDirectory(): [string, vscode.FileType][] {
    return [];
  }
  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  writeFile(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  private bytes(uri: vscode.Uri): Promise<Uint8Array> {
    const address = parseUri(uri);
    if (!address) throw vscode.FileSystemError.FileNotFound(uri);
    if (address.version === '') return Promise.resolve(new Uint8Array());
    const key = uri.query;
    const known = this.cache.get(key);
    if (known && Date.now() - known.at < CACHE_MS) return known.bytes;
    const entry: Cached = { bytes: this.read(uri, address), at: Date.now(), size: 0 };
    this.cache.delete(key);
    this.cache.set(key, entry);
    entry.bytes.then(
      bytes => {
        entry.size = bytes.byteLength;
        this.trim();
      },
      () => this.cache.delete(key),
    );
    return entry.bytes;
  }

  private async read(uri: vscode.Uri, { folder, path, version }: Address): Promise<Uint8Array> {
    if (!vscode.workspace.isTrusted) throw vscode.FileSystemError.Unavailable(uri);
    try {
      const answer = await this.app.engine.request('content/read', { folder, path, version });
      return Buffer.from(answer.content_base64, 'base64');
    } catch (caught) {
      const error = toEngineError(caught);
      this.app.notify.record(`reading ${path} of ${version}`, error);
      if (error.code === 'not_found') throw vscode.FileSystemError.FileNotFound(uri);
      if (error.code === 'full') {
        throw vscode.FileSystemError.Unavailable(
          l10n.t(
            'This file is larger than {0} MiB. Restore it to another folder to look at it.',
            MAX_CONTENT_BYTES / 1024 / 1024,
          ),
        );
      }
      throw vscode.FileSystemError.Unavailable(explainInLine(error));
    }
  }

  private trim(): void {
    let total = 0;
    for (const entry of this.cache.values()) total += entry.size;
    for (const [key, entry] of this.cache) {
      if (total <= CACHE_BYTES && Date.now() - entry.at < CACHE_MS) break;
      this.cache.delete(key);
      total -= entry.size;
    }
  }
}
