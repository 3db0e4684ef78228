// What the compiler does not check: sizes of files and functions, layers, and words that must not occur in the
// source.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const MAX_LINES = 300;
const MAX_WIDTH = 150;
// These know nothing of the editor, so that they can be tested in plain Node.
const WITHOUT_VSCODE = ['src/engine/', 'src/model/'];
const FORBIDDEN = [
  [/\bas any\b|: any\b/, 'no any'],
  [/console\.(log|error|warn)/, 'log through the output channel'],
  [/\b(fs|fsp)\.\w+Sync\(/, 'nothing synchronous in the extension host'],
  [/enabledApiProposals/, 'no proposed API'],
  [/@vscode\/l10n/, 'vscode.l10n only'],
];

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (path.endsWith('.ts')) yield path;
  }
}

const complaints = [];
for (const path of sources('src')) {
  const text = readFileSync(path, 'utf8');
  const lines = text.split('\n');
  if (lines.length > MAX_LINES) complaints.push(`${path}: ${lines.length} lines, more than ${MAX_LINES}`);
  if (!text.startsWith('//')) complaints.push(`${path}: opens without saying what it is for`);
  lines.forEach((line, i) => {
    if (line.length > MAX_WIDTH) complaints.push(`${path}:${i + 1}: wider than ${MAX_WIDTH}`);
    for (const [pattern, why] of FORBIDDEN) if (pattern.test(line)) complaints.push(`${path}:${i + 1}: ${why}`);
  });
  const imports = [...text.matchAll(/^import (?!type )[^;]*from '([^']+)'/gm)].map(match => match[1]);
  if (WITHOUT_VSCODE.some(folder => path.startsWith(folder)) && imports.includes('vscode')) {
    complaints.push(`${path}: imports vscode, but must run without it`);
  }
}
if (complaints.length > 0) {
  process.stderr.write(complaints.join('\n') + '\n');
  process.exit(1);
}
