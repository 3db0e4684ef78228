// Stand-ins on loopback for STS, which gives a session only for the right code of an MFA device, and for a bucket in memory.

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const SESSION = `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>session</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
<SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
const REFUSAL = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>
<Message>MultiFactorAuthentication failed with invalid MFA one time pass code. </Message></Error></ErrorResponse>`;

/** @typedef {{ status: number, headers?: Record<string, string>, body?: string | Buffer }} Answer */

const failure = (/** @type {number} */ status, /** @type {string} */ code) => ({ status, body: `<Error><Code>${code}</Code></Error>` });
const gone = failure(404, 'NoSuchKey');
const changed = failure(412, 'PreconditionFailed');

/** As much of S3 as Mikura uses: conditional writes and removals, ranges, listing. */
class Bucket {
  constructor() {
    /** @type {Map<string, { bytes: Buffer, etag: string }>} */
    this.objects = new Map();
  }

  /** @param {import('node:http').IncomingMessage} request @param {Buffer} body @returns {Answer} */
  answer(request, body) {
    const url = new URL(request.url ?? '/', 'http://bucket');
    const key = decodeURIComponent(url.pathname.split('/').slice(2).join('/'));
    const known = this.objects.get(key);
    const match = request.headers['if-match'];
    switch (request.method) {
      case 'PUT': {
        if ((request.headers['if-none-match'] === '*' && known) || (match && known && match !== known.etag)) return changed;
        if (match && !known) return gone;
        const etag = `"${createHash('md5').update(body).digest('hex')}"`;
        this.objects.set(key, { bytes: body, etag });
        return { status: 200, headers: { etag } };
      }
      case 'DELETE':
        if (match && known && match !== known.etag) return changed;
        this.objects.delete(key);
        return { status: 204 };
      default:
        return url.searchParams.has('list-type') ? this.list(url.searchParams) : this.read(known, request.headers);
    }
  }

  /** @param {{ bytes: Buffer, etag: string } | undefined} known @param {import('node:http').IncomingHttpHeaders} headers @returns {Answer} */
  read(known, headers) {
    if (!known) return gone;
    const { bytes, etag } = known;
    if (headers['if-none-match'] === etag) return { status: 304, headers: { etag } };
    const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
    if (!range) return { status: 200, headers: { etag }, body: bytes };
    const last = Math.min(range[2] ? Number(range[2]) : Infinity, bytes.length - 1);
    return { status: 206, headers: { etag, 'content-range': `bytes ${range[1]}-${last}/${bytes.length}` }, body: bytes.subarray(Number(range[1]), last + 1) };
  }

  /** All of it at once: there is never much. @param {URLSearchParams} wishes @returns {Answer} */
  list(wishes) {
    const after = wishes.get('start-after') ?? '';
    const keys = [...this.objects.keys()].filter(key => key.startsWith(wishes.get('prefix') ?? '') && key > after).sort();
    const row = (/** @type {string} */ key) => {
      const { bytes, etag } = /** @type {{ bytes: Buffer, etag: string }} */ (this.objects.get(key));
      return `<Contents><Key>${key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>${etag}</ETag><Size>${bytes.length}</Size></Contents>`;
    };
    return { status: 200, body: `<ListBucketResult><KeyCount>${keys.length}</KeyCount><IsTruncated>false</IsTruncated>${keys.map(row).join('')}</ListBucketResult>` };
  }
}

/** @param {string} code the right one */
export async function startRoleServices(code) {
  /** @type {string[]} */
  const codes = [];
  const bucket = new Bucket();
  /** @param {URLSearchParams} form @returns {Answer} */
  const assume = form => {
    const given = form.get('TokenCode') ?? '';
    codes.push(given);
    return given === code ? { status: 200, body: SESSION } : { status: 403, body: REFUSAL };
  };
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const sent = Buffer.concat(chunks);
    const { status, headers, body } = request.method === 'POST' ? assume(new URLSearchParams(sent.toString())) : bucket.answer(request, sent);
    response.writeHead(status, { 'content-length': String(body?.length ?? 0), ...headers }).end(body);
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const stop = () => new Promise(resolve => {
    server.close(resolve);
    server.closeAllConnections();
  });
  return { endpoint: `http://127.0.0.1:${port}`, codes, stop };
}

/** What ~/.aws/config says of it. @param {string} endpoint */
export const roleProfile = endpoint => `[profile work]
role_arn = arn:aws:iam::123456789012:role/sync
mfa_serial = arn:aws:iam::123456789012:mfa/ada
source_profile = base
region = eu-west-1
services = here

[profile base]
aws_access_key_id = base
aws_secret_access_key = of-no-use

[services here]
sts =
  endpoint_url = ${endpoint}
`;
