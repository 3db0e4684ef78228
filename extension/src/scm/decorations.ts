// Marks in the Explorer and in tabs: a letter and a tooltip, without a colour, so that git's colours stay. Only a
// conflict has a colour, and shows on the folders above it.

import * as vscode from 'vscode';
import type { App } from '../app';
import { fileUri } from '../content/uri';
import type { FolderModel } from '../model/folder';
import { LETTERS, marksOf, rowsOf, type Row, type Rows } from '../model/rows';
import * as config from '../util/config';
import { markTooltip } from './labels';

export class Decorations implements vscode.FileDecorationProvider, vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<vscode.Uri[]>();
  readonly onDidChangeFileDecorations = this.emitter.event;
  private readonly byFolder = new Map<string, Map<string, Row>>();
  private readonly seen = new WeakMap<FolderModel, Rows>();
  private readonly subscriptions: { dispose(): void }[];

  constructor(private readonly app: App) {
    this.subscriptions = [
      vscode.window.registerFileDecorationProvider(this),
      app.registry.onDidChange(model => this.update(model)),
      app.registry.onDidChangeFolders(() => this.sweep()),
      vscode.workspace.onDidChangeConfiguration(event => {
        if (event.affectsConfiguration('mikura.decorations')) for (const model of app.registry.all) this.update(model);
      }),
    ];
  }

  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    if (uri.scheme !== 'file') return undefined;
    for (const marks of this.byFolder.values()) {
      const row = marks.get(uri.toString());
      if (row) return decoration(row);
    }
    return undefined;
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.emitter.dispose();
  }

  private update(model: FolderModel): void {
    const rows = model.linked && config.decorationsEnabled() ? rowsOf(model) : undefined;
    if (rows !== undefined && this.seen.get(model) === rows) return;
    if (rows) this.seen.set(model, rows);
    else this.seen.delete(model);
    const before = this.byFolder.get(model.folder) ?? new Map<string, Row>();
    const after = new Map<string, Row>();
    if (rows) {
      for (const row of marksOf(rows).values()) after.set(fileUri(model, row.path).toString(), row);
    }
    this.byFolder.set(model.folder, after);
    this.tell(before, after);
  }

  private sweep(): void {
    for (const [folder, marks] of this.byFolder) {
      if (this.app.registry.get(folder)) continue;
      this.byFolder.delete(folder);
      this.tell(marks, new Map());
    }
  }

  private tell(before: Map<string, Row>, after: Map<string, Row>): void {
    const differing = [...new Set([...before.keys(), ...after.keys()])].filter(
      uri => before.get(uri)?.mark !== after.get(uri)?.mark,
    );
    if (differing.length > 0) this.emitter.fire(differing.map(uri => vscode.Uri.parse(uri)));
  }
}

function decoration(row: Row): vscode.FileDecoration {
  if (row.mark !== 'conflict' && row.mark !== 'conflictCopy')
    return new vscode.FileDecoration(LETTERS[row.mark], markTooltip(row));
  const conflict = new vscode.FileDecoration(
    LETTERS[row.mark],
    markTooltip(row),
    new vscode.ThemeColor('list.warningForeground'),
  );
  conflict.propagate = row.mark === 'conflict';
  return conflict;
}
