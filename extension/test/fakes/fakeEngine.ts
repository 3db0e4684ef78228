// A stand-in for `mikura serve`: replays a recorded conversation (tests/rpc/*.jsonl). It checks that the client says what was recorded, in substance, and answers
// as recorded. Arguments: the recording; options are environment variables:
//   FAKE_DIE_AFTER=n  end with code 3 after n requests;  FAKE_SILENT=1  never answer;  FAKE_STDERR=text  say this at the start.

import { readFileSync } from 'node:fs';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter, ResponseError } from 'vscode-jsonrpc/node';

interface Message {
  id?: number | string;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}
interface Line {
  from: 'client' | 'engine';
  message: Message;
}

const recording = readFileSync(process.argv[2]!, 'utf8')
  .split('\n')
  .filter(text => text.trim().startsWith('{'))
  .map(text => JSON.parse(text) as Line);
const connection = createMessageConnection(
  new StreamMessageReader(process.stdin),
  new StreamMessageWriter(process.stdout),
);
const dieAfter = Number(process.env['FAKE_DIE_AFTER'] ?? 0);
let requests = 0;

if (process.env['FAKE_STDERR']) process.stderr.write(`${process.env['FAKE_STDERR']}\n`);

// Takes the recorded answer to the next request of this method, and what the engine said of itself just before it.
async function answer(method: string, params: unknown): Promise<unknown> {
  requests += 1;
  if (dieAfter > 0 && requests >= dieAfter) process.exit(3);
  if (process.env['FAKE_SILENT']) return new Promise(() => {});
  const at = recording.findIndex(
    line => line.from === 'client' && line.message.method === method && line.message.id !== undefined,
  );
  if (at < 0) return new ResponseError(-32601, `${method} is not in the recording`);
  const asked = recording.splice(at, 1)[0]!.message;
  const differs = difference(asked.params, params, 'params');
  if (differs) return new ResponseError(-32602, `${method}: not as recorded: ${differs}`);
  while (at < recording.length) {
    const [line] = recording.splice(at, 1);
    if (line!.from === 'client') continue;
    const { id, method: name, params: said, result, error } = line!.message;
    if (name === undefined && id === asked.id)
      return error ? new ResponseError(error.code, error.message, error.data) : result;
    if (name !== undefined && id !== undefined) await connection.sendRequest(name, said);
    else if (name !== undefined) await connection.sendNotification(name, said);
  }
  return new ResponseError(-32603, `${method} has no answer in the recording`);
}

// The first member of the recorded parameters that the client's do not have. Tokens and versions of the client are
// its own.
function difference(recorded: unknown, given: unknown, path: string): string | undefined {
  if (/\.(progress_token|client|author|device|state_folder)$/.test(path)) return undefined;
  if (typeof recorded !== 'object' || recorded === null)
    return recorded === given ? undefined : `${path} is ${JSON.stringify(given)}`;
  if (typeof given !== 'object' || given === null) return `${path} is ${JSON.stringify(given)}`;
  for (const [key, value] of Object.entries(recorded)) {
    const inside = difference(value, (given as Record<string, unknown>)[key], `${path}.${key}`);
    if (inside) return inside;
  }
  return undefined;
}

connection.onRequest((method: string, params: unknown) => answer(method, params));
connection.onNotification(() => {});
connection.onClose(() => process.exit(0));
process.stdin.on('end', () => process.exit(0));
connection.listen();
