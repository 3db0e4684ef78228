// The history: versions, newest first, and the files that each one changed. With several folders, each is a level of
// its own; with a filter, only the versions that changed one path are shown. Pages are loaded as one asks for more.

import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { App } from '../app';
import { contentUri } from '../content/uri';
import { toEngineError } from '../engine/errors';
import type { Change, Version } from '../engine/protocol';
import type { EngineState } from '../engine/supervisor';
import type { FolderModel } from '../model/folder';
import { HistoryModel } from '../model/history';
import { baseName, folderName } from '../model/paths';
import { ago, conflicts, dateTime, files, shortId, size, versionTitle } from '../util/text';
import { engineRows, failureRows, type MessageRow } from './historyMessages';

export type Node =
  | { type: 'folder'; history: HistoryModel }
  | { type: 'version'; history: HistoryModel; version: Version }
  | { type: 'file'; history: HistoryModel; version: Version; change: Change }
  | { type: 'more'; history: HistoryModel }
  | MessageRow;

export class HistoryTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<Node | undefined>();
  readonly onDidChangeTreeData = this.emitter.event;
  readonly view: vscode.TreeView<Node>;
  selected: { history: HistoryModel; version: Version } | undefined;
  private readonly histories = new Map<string, HistoryModel>();
  private readonly signatures = new Map<string, string>();
  private readonly subscriptions: { dispose(): void }[];
  private gaveUp = false;
  private filter: { model: FolderModel; path: string } | undefined;

  constructor(
    private readonly app: App,
    private readonly setContext: (key: string, value: unknown) => void,
  ) {
    this.view = vscode.window.createTreeView('mikura.history', { treeDataProvider: this, showCollapseAll: true });
    this.subscriptions = [
      this.view,
      this.view.onDidChangeVisibility(event => {
        if (event.visible) this.reloadStale();
      }),
      app.registry.onDidChange(model => this.modelChanged(model)),
      app.registry.onDidChangeFolders(() => this.foldersChanged()),
      app.engine.onDidChangeState(state => this.engineChanged(state)),
    ];
  }

  // Shows the history of one path only; undefined: of everything.
  show(filter: { model: FolderModel; path: string } | undefined): void {
    this.filter = filter;
    for (const history of this.histories.values())
      history.setPath(filter?.model === history.model ? filter.path : undefined);
    // A message, not the description: a side bar with one view does not show that.
    this.view.message = filter && l10n.t('Versions that changed {0}', filter.path);
    this.setContext('historyFiltered', filter !== undefined);
    this.emitter.fire(undefined);
  }

  select(selected: HistoryTree['selected']): void {
    this.selected = selected;
    this.setContext('historySelected', selected !== undefined);
  }

  reload(): void {
    this.signatures.clear();
    this.reloadStale();
  }

  async more(history: HistoryModel): Promise<void> {
    await history.more();
    this.emitter.fire(undefined);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) {
      const trouble = engineRows(this.app.engine);
      if (trouble.length > 0) return trouble;
      if (this.filter) return this.versions(this.historyOf(this.filter.model));
      const linked = this.app.registry.linked;
      if (linked.length === 1) return this.versions(this.historyOf(linked[0]!));
      return linked.map(model => ({ type: 'folder', history: this.historyOf(model) }));
    }
    if (node.type === 'folder') return this.versions(node.history);
    if (node.type === 'version') return this.changes(node);
    return [];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.type) {
      case 'folder': {
        const item = new vscode.TreeItem(node.history.model.name, vscode.TreeItemCollapsibleState.Expanded);
        item.id = node.history.model.folder;
        item.iconPath = new vscode.ThemeIcon('repo');
        item.contextValue = 'folder';
        return item;
      }
      case 'version':
        return this.versionItem(node.history, node.version);
      case 'file':
        return fileItem(node);
      case 'more': {
        const item = new vscode.TreeItem(l10n.t('Load More'));
        item.id = `${node.history.model.folder}|more`;
        item.iconPath = new vscode.ThemeIcon('ellipsis');
        item.command = { command: 'mikura.history.loadMore', title: l10n.t('Load More'), arguments: [node] };
        return item;
      }
      case 'message': {
        const item = new vscode.TreeItem(node.text);
        item.iconPath = new vscode.ThemeIcon(node.icon);
        item.tooltip = node.text;
        if (node.command) item.command = node.command;
        return item;
      }
    }
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.emitter.dispose();
  }

  private async versions(history: HistoryModel): Promise<Node[]> {
    if (!history.loaded) await history.reload();
    if (history.failure) return failureRows(history.failure);
    if (history.versions.length === 0) {
      const text = history.path
        ? l10n.t('No version has changed it.')
        : l10n.t('No versions yet. The first sync makes one.');
      return [{ type: 'message', text, icon: 'info' }];
    }
    const nodes: Node[] = history.versions.map(version => ({ type: 'version', history, version }));
    if (history.hasMore) nodes.push({ type: 'more', history });
    return nodes;
  }

  private async changes(node: Extract<Node, { type: 'version' }>): Promise<Node[]> {
    try {
      const changes = await node.history.changesOf(node.version);
      if (changes.length === 0)
        return [{ type: 'message', text: l10n.t('Only times or permissions changed.'), icon: 'info' }];
      return changes.map(change => ({ type: 'file', history: node.history, version: node.version, change }));
    } catch (error) {
      return failureRows(toEngineError(error));
    }
  }

  private versionItem(history: HistoryModel, version: Version): vscode.TreeItem {
    const status = history.model.status;
    const isBase = status?.base === version.version;
    const isNews = status?.base_generation != null && version.generation > status.base_generation;
    const item = new vscode.TreeItem(versionTitle(version), vscode.TreeItemCollapsibleState.Collapsed);
    item.id = `${history.model.folder}|${version.version}`;
    item.description = [isBase ? l10n.t('here') : isNews ? l10n.t('new') : '', version.device, ago(version.created_ms)]
      .filter(Boolean)
      .join(' · ');
    item.iconPath = new vscode.ThemeIcon(isNews ? 'cloud-download' : isBase ? 'pass-filled' : 'git-commit');
    item.contextValue = isBase ? 'version.base' : isNews ? 'version.news' : 'version';
    item.accessibilityInformation = {
      label: [versionTitle(version), version.author, version.device, dateTime(version.created_ms)].join(', '),
    };
    item.tooltip = tooltip(version);
    return item;
  }

  private historyOf(model: FolderModel): HistoryModel {
    let history = this.histories.get(model.folder);
    if (!history) {
      history = new HistoryModel(model, this.app.engine);
      if (this.filter?.model === model) history.setPath(this.filter.path);
      this.histories.set(model.folder, history);
    }
    return history;
  }

  private modelChanged(model: FolderModel): void {
    const total = this.app.registry.linked.reduce((sum, each) => sum + each.conflicts.length, 0);
    const badge = total > 0 ? { value: total, tooltip: conflicts(total) } : undefined;
    if (this.view.badge?.value !== badge?.value) this.view.badge = badge;
    if (!this.histories.has(model.folder) && this.signatures.has(model.folder)) return;
    if (this.view.visible) this.reloadIfStale(model);
  }

  private reloadStale(): void {
    for (const model of this.app.registry.linked) this.reloadIfStale(model);
  }

  // Asked again when something was published or applied, or the key came or went; not at every look at the folder.
  private reloadIfStale(model: FolderModel): void {
    const signature = [
      model.linked,
      model.base,
      model.status?.latest,
      model.state?.last_sync?.generation,
      model.key,
    ].join('|');
    if (this.signatures.get(model.folder) === signature) return;
    this.signatures.set(model.folder, signature);
    const history = this.histories.get(model.folder);
    if (!history?.loaded) {
      this.emitter.fire(undefined);
      return;
    }
    void history.reload().then(() => this.emitter.fire(undefined));
  }

  private engineChanged(state: EngineState): void {
    if (state === 'failed') {
      this.gaveUp = true;
      this.emitter.fire(undefined);
    } else if (state === 'running' && this.gaveUp) {
      this.gaveUp = false;
      this.reload();
    }
  }

  private foldersChanged(): void {
    for (const folder of this.histories.keys()) if (!this.app.registry.get(folder)) this.histories.delete(folder);
    if (this.filter && !this.app.registry.get(this.filter.model.folder)) this.show(undefined);
    this.emitter.fire(undefined);
  }
}

const LETTERS: Record<Change['change'], string> = {
  added: 'A',
  removed: 'D',
  modified: 'M',
  mode_changed: 'M',
  kind_changed: 'T',
};

function changeName(change: Change): string {
  switch (change.change) {
    case 'added':
      return change.renamed_from ? l10n.t('Renamed from {0}', change.renamed_from) : l10n.t('Added');
    case 'removed':
      return l10n.t('Deleted');
    case 'modified':
      return l10n.t('Modified');
    case 'mode_changed':
      return l10n.t('Permissions changed');
    case 'kind_changed':
      return l10n.t('Replaced by something of another kind');
  }
}

function fileItem({ history, version, change }: Extract<Node, { type: 'file' }>): vscode.TreeItem {
  const item = new vscode.TreeItem(baseName(change.path));
  const letter = change.renamed_from ? 'R' : LETTERS[change.change];
  item.id = `${history.model.folder}|${version.version}|${change.path}`;
  item.description = [letter, folderName(change.path)].filter(Boolean).join(' · ');
  // A URI that belongs to nobody: icons go by the name, and marks of the file as it is now do not appear on old versions.
  item.resourceUri = contentUri(history.model, change.path, version.version).with({ scheme: 'mikura-row' });
  item.iconPath =
    change.after?.kind === 'directory' || change.before?.kind === 'directory'
      ? vscode.ThemeIcon.Folder
      : vscode.ThemeIcon.File;
  item.tooltip = `${change.path}\n${changeName(change)}${change.after ? ` · ${size(change.after.size)}` : ''}`;
  item.accessibilityInformation = { label: `${change.path}, ${changeName(change)}` };
  item.contextValue = change.after ? 'file' : 'file.removed';
  item.command = {
    command: 'mikura.history.openDiff',
    title: l10n.t('Open Changes'),
    arguments: [{ type: 'file', history, version, change }],
  };
  return item;
}

function tooltip(version: Version): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendText(version.message || versionTitle(version)).appendMarkdown('\n\n');
  text.appendText(`${version.author} · ${version.device}`).appendMarkdown('  \n');
  text.appendText(dateTime(version.created_ms)).appendMarkdown('  \n');
  text.appendText(`+${version.added} ~${version.modified} −${version.removed}`).appendMarkdown('  \n');
  text.appendText(l10n.t('{0} in all, {1}', files(version.files), size(version.total_bytes))).appendMarkdown('  \n');
  text.appendText(shortId(version.version));
  return text;
}
