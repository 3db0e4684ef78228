// Whether the tab in front is a difference that we made: then its title bar offers the file itself, as git's does.

import * as vscode from 'vscode';
import { SCHEME } from '../content/uri';

export function watchDiffs(setContext: (key: string, value: unknown) => void): vscode.Disposable {
  const update = () => setContext('inDiff', isOurs(vscode.window.tabGroups.activeTabGroup.activeTab?.input));
  update();
  return vscode.Disposable.from(
    vscode.window.tabGroups.onDidChangeTabs(update),
    vscode.window.tabGroups.onDidChangeTabGroups(update),
  );
}

function isOurs(input: unknown): boolean {
  return (
    input instanceof vscode.TabInputTextDiff && [input.original, input.modified].some(uri => uri.scheme === SCHEME)
  );
}
