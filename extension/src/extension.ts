// The entry of the extension: makes the parts, wires them, and takes them down again. No logic lives here.

import * as vscode from 'vscode';

export function activate(context: vscode.ExtensionContext): void {
  const status = vscode.window.createStatusBarItem('mikura.status', vscode.StatusBarAlignment.Left, 10);
  status.name = 'Mikura';
  status.text = '$(lock) Mikura';
  status.show();
  context.subscriptions.push(status);
}

export function deactivate(): void {}
