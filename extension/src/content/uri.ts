// `mikura:` URIs: one file of one version, read-only. The path is the file's real one, so that names, icons and
// languages are right; the query says of which folder and version. Versions are ids, so what a URI shows never
// changes.

import * as vscode from 'vscode';
import type { FolderModel } from '../model/folder';
import { toFilePath } from '../model/paths';

export const SCHEME = 'mikura';

export interface Address {
  folder: string;
  path: string;
  version: string;
}

export function contentUri(model: FolderModel, path: string, version: string): vscode.Uri {
  return vscode.Uri.file(toFilePath(path, model.root)).with({
    scheme: SCHEME,
    query: JSON.stringify({ folder: model.folder, path, version } satisfies Address),
  });
}

// Something to compare with where a side has no file.
export function emptyUri(model: FolderModel, path: string): vscode.Uri {
  return contentUri(model, path, '');
}

export function fileUri(model: FolderModel, path: string): vscode.Uri {
  return vscode.Uri.file(toFilePath(path, model.root));
}

export function parseUri(uri: vscode.Uri): Address | undefined {
  if (uri.scheme !== SCHEME) return undefined;
  try {
    const value = JSON.parse(uri.query) as Partial<Address>;
    if (typeof value.folder === 'string' && typeof value.path === 'string' && typeof value.version === 'string') {
      return { folder: value.folder, path: value.path, version: value.version };
    }
  } catch {
    // Not one of ours.
  }
  return undefined;
}
