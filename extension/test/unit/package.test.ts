// The manifest and the translations, read as files: what VS Code would complain about, or silently not show.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(__dirname, '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const json = (path: string): Record<string, unknown> => JSON.parse(read(path)) as Record<string, unknown>;
const manifestText = read('package.json');
const manifest = JSON.parse(manifestText) as {
  main: string;
  icon: string;
  version: string;
  enabledApiProposals?: unknown;
  activationEvents: string[];
  extensionKind: string[];
  engines: { vscode: string };
  devDependencies: Record<string, string>;
  dependencies?: Record<string, string>;
  capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
  contributes: {
    commands: { command: string; title: string; category?: string; icon?: string }[];
    menus: Record<string, { command?: string; submenu?: string; when?: string; group?: string }[]>;
    viewsWelcome: { view: string; contents: string; when: string }[];
    views: Record<string, { id: string; when: string }[]>;
    walkthroughs: {
      steps: { description: string; media: { svg: string; altText: string }; completionEvents: string[] }[];
    }[];
    configuration: {
      properties: Record<
        string,
        {
          scope: string;
          default: unknown;
          order: number;
          markdownDescription: string;
          enum?: string[];
          markdownEnumDescriptions?: string[];
        }
      >;
    };
  };
};
const { commands, menus } = manifest.contributes;

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    if (entry.isDirectory()) yield* sources(join(folder, entry.name));
    else if (entry.name.endsWith('.ts')) yield join(folder, entry.name);
  }
}
const allSource = [...sources('src')].map(read).join('\n');

function stringsOf(source: string): string[] {
  const found = [...source.matchAll(/\bl10n\.t\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g)];
  const calls = source.match(/\bl10n\.t\(/g)?.length ?? 0;
  assert.equal(found.length, calls, 'every l10n.t has a literal, or it could not be translated');
  return [...new Set(found.map(match => (match[1] ?? match[2] ?? '').replace(/\\(['"\\])/g, '$1')))];
}

const placeholders = (text: string): string[] => [...new Set(text.match(/\{\d+\}/g) ?? [])].sort();

test('every text of the source is in both bundles, and nothing else is', () => {
  const used = stringsOf(allSource).sort();
  assert.ok(used.length > 200);
  for (const bundle of ['l10n/bundle.l10n.json', 'l10n/bundle.l10n.ja.json'])
    assert.deepEqual(Object.keys(json(bundle)).sort(), used, bundle);
});

test('translations are not empty and have the same placeholders', () => {
  for (const [key, text] of Object.entries(json('l10n/bundle.l10n.ja.json'))) {
    assert.ok(typeof text === 'string' && text !== '', key);
    assert.deepEqual(placeholders(text as string), placeholders(key), key);
  }
  const translated = Object.entries(json('l10n/bundle.l10n.ja.json')).filter(([key]) =>
    /[a-z]{4}/i.test(key.replace(/Mikura/g, '')),
  );
  for (const [key, text] of translated)
    assert.match(text as string, /[\u3040-\u30ff\u4e00-\u9fff]/, `${key} is in Japanese`);
});

test('the manifest uses every text of package.nls, both languages have them, with the same commands in their links', () => {
  const used = [...new Set([...manifestText.matchAll(/"%([^%"]+)%"/g)].map(match => match[1]!))].sort();
  const english = json('package.nls.json') as Record<string, string>;
  const japanese = json('package.nls.ja.json') as Record<string, string>;
  assert.deepEqual(Object.keys(english).sort(), used);
  assert.deepEqual(Object.keys(japanese).sort(), used);
  const links = (text: string) => (text.match(/\(command:[^)]+\)|`#[^`]+#`/g) ?? []).sort();
  for (const key of used) assert.deepEqual(links(japanese[key]!), links(english[key]!), key);
});

test('every command is registered, titled, in the category, and nothing else is registered', () => {
  const registered = [...read('src/commands/register.ts').matchAll(/^ {4}'?([\w.]+)'?: (?:\(|async|\w+ =>)/gm)]
    .map(match => `mikura.${match[1]}`)
    .sort();
  assert.deepEqual(commands.map(command => command.command).sort(), registered);
  for (const command of commands) {
    assert.equal(command.category, 'Mikura', command.command);
    assert.match(command.title, /^%command\..+%$/);
    if (command.icon) assert.match(command.icon, /^\$\([a-z-]+\)$/, `${command.command}: a codicon follows the theme`);
  }
});

test('titles are verb phrases in title case; the dots promise a question', () => {
  const small = new Set(['to', 'of', 'the', 'for', 'in', 'at', 'and', 'with', 'this', 'a', 'by']);
  const english = json('package.nls.json') as Record<string, string>;
  for (const command of commands) {
    const title = english[command.title.slice(1, -1)]!;
    for (const word of title.split(' ')) assert.ok(small.has(word.toLowerCase()) || /^[A-Z.]/.test(word), title);
  }
});

test('menus name commands that exist; a command that needs an argument is not in the palette', () => {
  const known = new Set(commands.map(command => command.command));
  for (const [menu, items] of Object.entries(menus)) {
    for (const item of items) {
      if (item.command) assert.ok(known.has(item.command), `${menu}: ${item.command}`);
      if (menu !== 'commandPalette')
        assert.ok(item.when && item.group, `${menu}: ${item.command} is shown only where it applies`);
    }
  }
  const palette = new Map(menus['commandPalette']!.map(item => [item.command, item.when]));
  const needArguments = commands
    .map(command => command.command)
    .filter(id =>
      /^mikura\.(openDiff|openFile|discard$|history\.(openDiff|openVersion|openFileAt|compare|select|copy|loadMore))/.test(
        id,
      ),
    );
  for (const id of needArguments) assert.equal(palette.get(id), 'false', id);
});

test('at most two inline actions on a row, and no context key that nobody sets', () => {
  const rows = menus['scm/resourceState/context']!.filter(item => item.group?.startsWith('inline'));
  for (const group of ['conflicts.*text', 'conflicts.*binary', 'changes', 'incoming']) {
    const [name, kind] = group.split('.*');
    const applicable = rows.filter(item => {
      const when = item.when!;
      const groupOk = !when.includes('scmResourceGroup') || when.includes(`scmResourceGroup == ${name}`);
      return groupOk && (!/scmResourceState/.test(when) || (kind !== undefined && when.includes(kind)));
    });
    assert.ok(applicable.length <= 2, group);
  }
  const used = new Set(
    [...manifestText.matchAll(/mikura\.([a-z]\w+)(?= |"|\)|$)/g)]
      .map(match => match[1]!)
      .filter(name => /^[a-z]+[A-Z]\w*$|^busy$|^paused$/.test(name)),
  );
  const ids = new Set([
    ...commands.map(command => command.command.slice(7)),
    ...Object.keys(manifest.contributes.configuration.properties).map(id => id.slice(7)),
  ]);
  for (const key of used) {
    if (ids.has(key)) continue;
    assert.match(allSource, new RegExp(`setContext\\(\\s*'${key}'`), `mikura.${key} is set somewhere`);
  }
});

test('settings: described, ordered, each value explained; what could run a program or change who one is belongs to the machine', () => {
  const { properties } = manifest.contributes.configuration;
  const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
  for (const [id, setting] of Object.entries(properties)) {
    assert.ok(setting.markdownDescription && setting.order && setting.default !== undefined, id);
    if (setting.enum) assert.equal(setting.markdownEnumDescriptions?.length, setting.enum.length, id);
    assert.ok(['machine', 'resource', 'window'].includes(setting.scope), id);
    assert.ok(
      !Object.keys(properties).some(other => other.startsWith(`${id}.`)),
      `${id} is no prefix of another setting`,
    );
  }
  for (const id of ['mikura.engine.path', 'mikura.author', 'mikura.device']) {
    assert.equal(properties[id]?.scope, 'machine', id);
    assert.ok(restricted.includes(id), id);
  }
  assert.ok(
    Object.keys(properties).every(id => !/secret|password|key$|bucket|store|endpoint/i.test(id)),
    'secrets and stores are no settings',
  );
});

test('stable API only, quiet activation, on the side where programs run', () => {
  assert.equal(manifest.enabledApiProposals, undefined);
  assert.deepEqual(manifest.activationEvents, [
    'workspaceContains:.mikura',
    'onStartupFinished',
    'onFileSystem:mikura',
  ]);
  assert.deepEqual(manifest.extensionKind, ['workspace']);
  assert.equal(manifest.capabilities.untrustedWorkspaces.supported, 'limited');
  assert.equal(
    manifest.engines.vscode,
    `^${manifest.devDependencies['@types/vscode']}`,
    'compiled against the oldest version that is promised',
  );
  assert.deepEqual(
    Object.keys(manifest.dependencies ?? {}),
    ['vscode-jsonrpc'],
    'one library, and it is in the bundle',
  );
  assert.doesNotMatch(read('package-lock.json'), /"resolved"/, 'the lock file names no registry');
});

test('views, welcome texts and the walkthrough', () => {
  const views = Object.values(manifest.contributes.views).flat();
  assert.ok(Object.keys(manifest.contributes.views).length <= 1 && views.length <= 3);
  const states = manifest.contributes.viewsWelcome.map(welcome => welcome.when.replace('mikura.setupState == ', ''));
  assert.deepEqual(states, ['noFolder', 'untrusted', 'virtual', 'notLinked', 'keyMissing', 'engineFailed']);
  const english = json('package.nls.json') as Record<string, string>;
  for (const welcome of manifest.contributes.viewsWelcome) {
    const buttons = english[welcome.contents.slice(1, -1)]!.split('\n').filter(line =>
      /^\[[^\]]+\]\([^)]+\)$/.test(line),
    );
    assert.ok(buttons.length <= 1, `${welcome.when}: one primary button`);
  }
  const [walkthrough] = manifest.contributes.walkthroughs;
  assert.ok(walkthrough && walkthrough.steps.length >= 4 && walkthrough.steps.length <= 6);
  for (const step of walkthrough.steps) {
    assert.match(english[step.description.slice(1, -1)]!, /\(command:/);
    assert.ok(step.completionEvents.length > 0 && step.media.altText);
    const svg = read(step.media.svg);
    assert.match(svg, /var\(--vscode-/, `${step.media.svg} follows the theme`);
    assert.doesNotMatch(svg, /<script|https?:\/\/(?!www\.w3\.org)/);
  }
});

test('the icon is a PNG of at least 128 pixels, that of the activity bar is monochrome', () => {
  const png = readFileSync(join(ROOT, manifest.icon));
  assert.equal(png.subarray(1, 4).toString(), 'PNG');
  assert.ok(png.readUInt32BE(16) >= 128 && png.readUInt32BE(20) >= 128);
  const colours = new Set(read('resources/mikura.svg').match(/(?:fill|stroke)="([^"]+)"/g));
  assert.ok(colours.size <= 1, [...colours].join());
  assert.ok(existsSync(join(ROOT, 'CHANGELOG.md')) && statSync(join(ROOT, 'README.md')).size > 1000);
});
