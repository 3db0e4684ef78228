// What the parts of the extension share. Made once in extension.ts; nothing here has logic.

import type * as vscode from 'vscode';
import type { Supervisor } from './engine/supervisor';
import type { FolderRegistry } from './model/registry';
import type { KeyStore } from './secrets/keyStore';
import type { MfaCodes } from './secrets/mfaCodes';
import type { Notifier } from './util/notify';

export interface App {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly engine: Supervisor;
  readonly registry: FolderRegistry;
  readonly keys: KeyStore;
  readonly mfa: MfaCodes;
  readonly notify: Notifier;
}
