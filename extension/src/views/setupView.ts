// The view that holds the welcome texts of package.json. It has no rows: which text is shown is decided by the
// context key mikura.setupState.

import * as vscode from 'vscode';

export function setupView(): vscode.Disposable {
  return vscode.window.registerTreeDataProvider<never>('mikura.setup', {
    getChildren: () => [],
    getTreeItem: (node: never) => node,
  });
}
