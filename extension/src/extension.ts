// The entry of the extension: makes the parts, wires them, and takes them down again. No logic lives here. Nothing is
// waited for: the engine starts when a folder needs it.

import * as vscode from 'vscode';
import { Alerts } from './alerts';
import type { App } from './app';
import { registerCommands } from './commands/register';
import { MikuraFs } from './content/mikuraFs';
import { Snapshots } from './content/snapshots';
import { locateEngine } from './engine/locate';
import type { LogLevel, SecretRequest } from './engine/protocol';
import { Supervisor } from './engine/supervisor';
import { Folders, logLevel } from './folders';
import { FolderRegistry } from './model/registry';
import { Decorations } from './scm/decorations';
import { ScmProviders } from './scm/provider';
import { KeyStore } from './secrets/keyStore';
import { MfaCodes } from './secrets/mfaCodes';
import { StatusBar } from './status/statusBar';
import * as config from './util/config';
import { Notifier } from './util/notify';
import { watchDiffs } from './views/diffContext';
import { HistoryTree } from './views/historyTree';
import { setupView } from './views/setupView';

let engine: Supervisor | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Mikura', { log: true });
  const keys = new KeyStore(context.secrets, message => log.warn(message));
  const version = String((context.extension.packageJSON as { version?: unknown }).version ?? '');
  engine = new Supervisor({
    command: async () => {
      const location = await locateEngine({
        environment: process.env['MIKURA_ENGINE'],
        setting: config.enginePath(),
        extensionFolder: context.extensionPath,
      });
      log.info(`engine from the ${location.source}: ${location.path}`);
      return { path: location.path, args: ['serve'], environment: config.proxyEnvironment() };
    },
    client: { name: 'vscode', version },
    identity: config.identity,
    handlers: {
      secret: request => secret(request),
      mfaCode: (request, takenBack) => mfa.get(request, takenBack),
      folderState: state => registry.applyState(state),
      log: (level, message) => write(log, level, message),
    },
    onStarted: client => folders.reopen(client),
  });
  const registry: FolderRegistry = new FolderRegistry(engine);
  const mfa: MfaCodes = new MfaCodes(() => registry.all.some(model => model.operation && !model.operation.background));
  const app: App = { context, log, engine, registry, keys, mfa, notify: new Notifier(log) };
  const folders = new Folders(app);

  // A wrong key is not given twice; the failure of the call asks the user for another one.
  async function secret(request: SecretRequest): Promise<string | null> {
    if (request.retry) return null;
    return (await keys.get(request.repository ?? '')) ?? null;
  }

  const scm = new ScmProviders(app);
  const history = new HistoryTree(app, (key, value) => folders.setContext(key, value));
  const snapshots = Snapshots.register(context);
  context.subscriptions.push(
    log,
    { dispose: () => keys.dispose() },
    app.notify,
    { dispose: () => registry.dispose() },
    folders,
    scm,
    history,
    setupView(),
    watchDiffs((key, value) => folders.setContext(key, value)),
    new Decorations(app),
    new StatusBar(app),
    new Alerts(app),
    MikuraFs.register(app),
    ...registerCommands({ ...app, folders, scm, history }, snapshots),
    keys.onDidForget(repository => forgotten(app, repository)),
    log.onDidChangeLogLevel(level => app.engine.notify('log/level', { level: logLevel(level) })),
    vscode.workspace.onDidChangeConfiguration(event => {
      const needsRestart = ['mikura.engine.path', 'mikura.author', 'mikura.device', 'http.proxy'].some(key =>
        event.affectsConfiguration(key),
      );
      if (needsRestart && app.engine.state !== 'idle')
        void app.engine.restart().catch(error => log.error(String(error)));
    }),
  );
  folders.start().catch(error => log.error(`starting: ${String(error)}`));
}

export async function deactivate(): Promise<void> {
  await engine?.dispose();
}

function forgotten(app: App, repository: string): void {
  if (app.engine.state === 'running') void app.engine.request('key/forget', { repository }).catch(() => {});
  for (const model of app.registry.withRepository(repository)) model.noteKey('missing');
}

function write(log: vscode.LogOutputChannel, level: LogLevel, message: string): void {
  switch (level) {
    case 'error':
      log.error(message);
      break;
    case 'warning':
      log.warn(message);
      break;
    case 'info':
      log.info(message);
      break;
    case 'debug':
      log.debug(message);
      break;
  }
}
