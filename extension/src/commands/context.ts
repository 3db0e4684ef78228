// Which folder a command is about: from what it was called on, from the active editor, or asked.

import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { App } from '../app';
import { parseUri } from '../content/uri';
import type { Folders } from '../folders';
import type { FolderModel } from '../model/folder';
import { toIndexPath } from '../model/paths';
import type { MikuraResource, ScmProviders } from '../scm/provider';
import type { HistoryTree } from '../views/historyTree';

export interface Parts extends App {
  readonly folders: Folders;
  readonly scm: ScmProviders;
  readonly history: HistoryTree;
}

export interface Target {
  model: FolderModel;
  path: string;
}

export const isResource = (value: unknown): value is MikuraResource =>
  typeof value === 'object' && value !== null && 'row' in value && 'model' in value && 'resourceUri' in value;
const isControl = (value: unknown): value is vscode.SourceControl =>
  typeof value === 'object' && value !== null && 'inputBox' in value;

// The folder of a command of the whole repository; undefined if there is none or the user did not choose.
export async function pickFolder(
  parts: Parts,
  argument?: unknown,
  among: FolderModel[] = parts.registry.linked,
): Promise<FolderModel | undefined> {
  if (isControl(argument)) return parts.scm.find(argument)?.model;
  if (isResource(argument)) return argument.model;
  if (argument instanceof vscode.Uri) return parts.registry.owner(argument.fsPath);
  if (among.length <= 1) return among[0];
  const active = vscode.window.activeTextEditor?.document.uri;
  const owner = active?.scheme === 'file' ? parts.registry.owner(active.fsPath) : undefined;
  const items = among
    .map(model => ({ label: model.name, description: model.folder, detail: model.info?.store, model }))
    .sort((a, b) => Number(b.model === owner) - Number(a.model === owner));
  return (await vscode.window.showQuickPick(items, { placeHolder: l10n.t('Which folder?'), matchOnDescription: true }))
    ?.model;
}

// The files that a command was called on: rows of the Source Control view, files of the Explorer, or the active
// editor.
export function targets(parts: Parts, args: readonly unknown[]): Target[] {
  const resources = args.flat().filter(isResource);
  if (resources.length > 0)
    return unique(resources.map(resource => ({ model: resource.model, path: resource.row.path })));
  const selected = Array.isArray(args[1])
    ? args[1].filter((value): value is vscode.Uri => value instanceof vscode.Uri)
    : [];
  // A link in a notice gives a path.
  const named = typeof args[0] === 'string' ? vscode.Uri.file(args[0]) : args[0];
  const uris = selected.length > 0 ? selected : named instanceof vscode.Uri ? [named] : activeUri();
  return unique(uris.flatMap(uri => targetOf(parts, uri) ?? []));
}

export function targetOf(parts: Parts, uri: vscode.Uri): Target | undefined {
  const address = parseUri(uri);
  if (address) {
    const model = parts.registry.get(address.folder);
    return model ? { model, path: address.path } : undefined;
  }
  if (uri.scheme !== 'file') return undefined;
  const model = parts.registry.owner(uri.fsPath);
  const path = model && toIndexPath(uri.fsPath, model.root);
  return model && path ? { model, path } : undefined;
}

export function byModel(list: readonly Target[]): Map<FolderModel, string[]> {
  const result = new Map<FolderModel, string[]>();
  for (const { model, path } of list) result.set(model, [...(result.get(model) ?? []), path]);
  return result;
}

function activeUri(): vscode.Uri[] {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (
    input instanceof vscode.TabInputText ||
    input instanceof vscode.TabInputCustom ||
    input instanceof vscode.TabInputNotebook
  )
    return [input.uri];
  if (input instanceof vscode.TabInputTextDiff) return [input.modified];
  const active = vscode.window.activeTextEditor?.document.uri;
  return active ? [active] : [];
}

function unique(list: readonly Target[]): Target[] {
  return list.filter((a, i) => list.findIndex(b => b.model === a.model && b.path === a.path) === i);
}
