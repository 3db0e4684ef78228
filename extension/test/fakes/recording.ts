// A recorded conversation of tests/rpc: its lines, with values for the placeholders.

import { readFileSync } from 'node:fs';

export interface Message {
  id?: number | string;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}
export interface Line {
  from: 'client' | 'engine' | 'world';
  message: Message;
  pipelined?: boolean;
}

const NUMBERS = new Set(['{{time}}', '{{number}}']);

// A number for what stands for a number; other placeholders are texts like any other here.
function filled(value: unknown): unknown {
  if (typeof value === 'string') return NUMBERS.has(value) ? 1_790_000_000_000 : value;
  if (Array.isArray(value)) return value.map(filled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inside]) => [name, filled(inside)]));
}

export function readRecording(path: string): Line[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(text => text.trim() !== '')
    .map(text => filled(JSON.parse(text)) as Line)
    .filter(line => line.from === 'client' || line.from === 'engine');
}
