// The Source Control view of one folder: conflicts, changes and incoming changes, the message box, the badge and the
// gutter's base.

import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { App } from '../app';
import { contentUri, fileUri } from '../content/uri';
import { isLikelyBinary } from '../conflicts/kind';
import type { FolderModel } from '../model/folder';
import { toIndexPath } from '../model/paths';
import { badgeCount, originalOf, rowsOf, type Group, type Mark, type Row, type Rows } from '../model/rows';
import * as config from '../util/config';
import { autoSyncHint, markTooltip } from './labels';

export interface MikuraResource extends vscode.SourceControlResourceState {
  readonly model: FolderModel;
  readonly row: Row;
}

const STRUCK: ReadonlySet<Mark> = new Set(['deleted', 'incomingDeleted']);

export class FolderScm implements vscode.QuickDiffProvider, vscode.Disposable {
  readonly control: vscode.SourceControl;
  private readonly groups: Record<Group, vscode.SourceControlResourceGroup>;
  private rows: Rows | undefined;
  private shown = '';

  constructor(
    private readonly app: App,
    readonly model: FolderModel,
  ) {
    this.control = vscode.scm.createSourceControl('mikura', 'Mikura', vscode.Uri.file(model.folder));
    this.groups = {
      conflicts: this.control.createResourceGroup('conflicts', l10n.t('Conflicts')),
      changes: this.control.createResourceGroup('changes', l10n.t('Changes')),
      incoming: this.control.createResourceGroup('incoming', l10n.t('Incoming')),
    };
    this.groups.conflicts.hideWhenEmpty = true;
    this.groups.incoming.hideWhenEmpty = true;
    this.control.acceptInputCommand = { command: 'mikura.sync', title: l10n.t('Sync'), arguments: [this.control] };
    this.control.quickDiffProvider = this;
    this.control.inputBox.placeholder = l10n.t(
      'Message ({0} to sync)',
      process.platform === 'darwin' ? '⌘Enter' : 'Ctrl+Enter',
    );
    this.update();
  }

  update(): void {
    const rows = rowsOf(this.model);
    // Each of these is a message to the window, and progress comes five times a second.
    const enabled = this.model.operation === undefined;
    if (this.control.inputBox.enabled !== enabled) this.control.inputBox.enabled = enabled;
    this.control.count = badgeCount(rows, config.countBadge());
    // The view is redrawn only if it would look different: a redraw closes menus and loses the place.
    if (rows === this.rows) return;
    this.rows = rows;
    const signature = JSON.stringify([rows, this.model.base, this.model.root]);
    if (signature === this.shown) return;
    this.shown = signature;
    for (const group of ['conflicts', 'changes', 'incoming'] as const)
      this.groups[group].resourceStates = rows[group].map(row => this.resource(row));
  }

  resources(group: Group): MikuraResource[] {
    return this.groups[group].resourceStates as MikuraResource[];
  }

  isGroup(group: vscode.SourceControlResourceGroup): Group | undefined {
    return (['conflicts', 'changes', 'incoming'] as const).find(name => this.groups[name] === group);
  }

  // What the gutter compares with: the file as it was synced last.
  provideOriginalResource(uri: vscode.Uri): vscode.Uri | undefined {
    const base = this.model.base;
    if (uri.scheme !== 'file' || !base || this.app.registry.owner(uri.fsPath) !== this.model) return undefined;
    const path = toIndexPath(uri.fsPath, this.model.root);
    const original = path && !path.startsWith('.mikura/') ? originalOf(this.model, path) : undefined;
    return original ? contentUri(this.model, original, base) : undefined;
  }

  dispose(): void {
    this.control.dispose();
  }

  private resource(row: Row): MikuraResource {
    const state: MikuraResource = {
      model: this.model,
      row,
      resourceUri: fileUri(this.model, row.path),
      contextValue: `${row.group}.${isLikelyBinary(row.path) || row.kind !== 'file' ? 'binary' : 'text'}`,
      decorations: {
        tooltip: row.mark === 'modified' ? `${markTooltip(row)}${autoSyncHint(this.model)}` : markTooltip(row),
        strikeThrough: STRUCK.has(row.mark),
      },
    };
    return { ...state, command: { command: 'mikura.openDiff', title: l10n.t('Open Changes'), arguments: [state] } };
  }
}

// One for each linked folder, made and taken away as folders come and go.
export class ScmProviders implements vscode.Disposable {
  private readonly byFolder = new Map<string, FolderScm>();
  private readonly subscriptions: { dispose(): void }[];

  constructor(private readonly app: App) {
    this.subscriptions = [
      app.registry.onDidChange(model => this.update(model)),
      app.registry.onDidChangeFolders(() => this.sweep()),
      vscode.workspace.onDidChangeConfiguration(event => {
        if (event.affectsConfiguration('mikura')) for (const scm of this.byFolder.values()) scm.update();
      }),
    ];
  }

  of(model: FolderModel): FolderScm | undefined {
    return this.byFolder.get(model.folder);
  }
  find(control: vscode.SourceControl): FolderScm | undefined {
    return [...this.byFolder.values()].find(scm => scm.control === control);
  }
  findGroup(group: vscode.SourceControlResourceGroup): { scm: FolderScm; group: Group } | undefined {
    for (const scm of this.byFolder.values()) {
      const name = scm.isGroup(group);
      if (name) return { scm, group: name };
    }
    return undefined;
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    for (const scm of this.byFolder.values()) scm.dispose();
    this.byFolder.clear();
  }

  private update(model: FolderModel): void {
    const scm = this.byFolder.get(model.folder);
    if (!model.linked) {
      scm?.dispose();
      this.byFolder.delete(model.folder);
    } else if (scm) {
      scm.update();
    } else {
      this.byFolder.set(model.folder, new FolderScm(this.app, model));
    }
  }

  private sweep(): void {
    for (const [folder, scm] of this.byFolder) {
      if (this.app.registry.get(folder)) continue;
      scm.dispose();
      this.byFolder.delete(folder);
    }
  }
}
