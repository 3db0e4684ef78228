// Texts that exist in this window only, as read-only documents: the local side of a merge, which must not change
// while its result is edited.

import * as vscode from 'vscode';

const SCHEME = 'mikura-snapshot';
const MAX_SNAPSHOTS = 100;

export class Snapshots implements vscode.TextDocumentContentProvider {
  private readonly texts = new Map<string, string>();
  private next = 1;

  static register(context: vscode.ExtensionContext): Snapshots {
    const snapshots = new Snapshots();
    context.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(SCHEME, snapshots));
    return snapshots;
  }

  // A document with this text, named after a file.
  add(file: vscode.Uri, text: string): vscode.Uri {
    const uri = file.with({ scheme: SCHEME, query: String(this.next++) });
    this.texts.set(uri.toString(), text);
    if (this.texts.size > MAX_SNAPSHOTS) this.texts.delete(this.texts.keys().next().value!);
    return uri;
  }

  provideTextDocumentContent(uri: vscode.Uri): string | undefined {
    return this.texts.get(uri.toString());
  }
}
