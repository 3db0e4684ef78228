// A stand-in for `mikura serve`: replays a recorded conversation (tests/rpc/README.md). It checks that the client says
// what was recorded and answers as recorded. Argument: the recording. Environment variables:
//   FAKE_DIE_AFTER=n  end with code 3 at the n-th request;  FAKE_SILENT=1  never answer;  FAKE_STDERR=text  say this.

import { createMessageConnection, ResponseError, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { readRecording } from './recording';

const lines = readRecording(process.argv[2]!);
const connection = createMessageConnection(
  new StreamMessageReader(process.stdin),
  new StreamMessageWriter(process.stdout),
);
const dieAfter = Number(process.env['FAKE_DIE_AFTER'] ?? 0);
let requests = 0;

if (process.env['FAKE_STDERR']) process.stderr.write(`${process.env['FAKE_STDERR']}\n`);

async function answer(method: string, params: unknown): Promise<unknown> {
  requests += 1;
  if (dieAfter > 0 && requests >= dieAfter) process.exit(3);
  if (process.env['FAKE_SILENT']) return new Promise(() => {});
  const at = lines.findIndex(
    line => line.from === 'client' && line.message.method === method && line.message.id !== undefined,
  );
  if (at < 0) return new ResponseError(-32601, `${method} is not in the recording`);
  const asked = lines.splice(at, 1)[0]!.message;
  const differs = difference(asked.params, params, 'params');
  if (differs) return new ResponseError(-32602, `${method} was not said as recorded: ${differs}`);
  // What the engine said after it was asked this, up to the answer.
  while (at < lines.length) {
    const next = lines.findIndex((line, index) => index >= at && line.from === 'engine');
    if (next < 0) break;
    const { id, method: name, params: said, result, error } = lines.splice(next, 1)[0]!.message;
    if (name === undefined && id === asked.id)
      return error ? new ResponseError(error.code, error.message, error.data) : result;
    if (name !== undefined && id !== undefined) {
      const reply = lines.find(
        line => line.from === 'client' && line.message.method === undefined && line.message.id === id,
      );
      const given = await connection.sendRequest(name, said);
      const wrong = difference(reply?.message.result, given, 'result');
      if (wrong) return new ResponseError(-32602, `${name} was not answered as recorded: ${wrong}`);
    } else if (name !== undefined) {
      await connection.sendNotification(name, said);
    }
  }
  return new ResponseError(-32603, `${method} has no answer in the recording`);
}

// The first member of what was recorded that the client's does not have. Who the client is and its tokens are its own.
function difference(recorded: unknown, given: unknown, path: string): string | undefined {
  if (/\.(progress_token|client|author|device|state_folder)$/.test(path)) return undefined;
  if (typeof recorded !== 'object' || recorded === null) {
    return recorded === given ? undefined : `${path} is ${JSON.stringify(given)}`;
  }
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
