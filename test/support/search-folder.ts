import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { SECRETS_FILE } from './run-record';
import type { Hit, SecretSearch } from './secret-search';

/** A secret in a file. */
export interface Finding {
  readonly file: string;
  readonly label: string;
  readonly form: string;
  readonly times: number;
}

export interface FolderReport {
  readonly files: number;
  readonly bytes: number;
  readonly findings: readonly Finding[];
}

/** Where secrets belong: the record of the run, and what local mode keeps for the next start, for its owner's eyes only. */
const KEPT_FOR_SECRETS = [SECRETS_FILE, 'secrets.json'];
const PIECE_BYTES = 16 * 1024 * 1024;

/** PostgreSQL's log of changes: segments of pages, each with a header in the middle of whatever it continues. */
const WAL_SEGMENT = /\/pg_wal\/[0-9A-F]{24}$/;
const WAL_PAGE_BYTES = 8192;
const WAL_HEADER_BYTES = 24;
const WAL_FIRST_HEADER_BYTES = 40;

/** Searches every file below the folder, as raw bytes. */
export function searchFolder(folder: string, search: SecretSearch): FolderReport {
  const report = { files: 0, bytes: 0, findings: [] as Finding[] };
  const tails = new Map<string, Buffer>();
  for (const file of filesOf(folder)) {
    const isWal = WAL_SEGMENT.test(file);
    const key = isWal ? dirname(file) : file;
    const hits: Hit[] = [];
    for (const piece of piecesOf(file)) {
      // A secret may begin in one piece, or one segment, and end in the next.
      const tail = tails.get(key);
      const content = isWal ? withoutPageHeaders(piece) : piece;
      const bytes = tail ? Buffer.concat([tail, content]) : content;
      hits.push(...search.in(bytes));
      tails.set(key, Buffer.from(bytes.subarray(bytes.length - Math.min(search.overlap, bytes.length))));
      report.bytes += piece.length;
    }
    if (!isWal) tails.delete(key);
    report.files += 1;
    report.findings.push(...summarize(relative(folder, file), hits));
  }
  return report;
}

/** Sorted: the segments of a log of changes follow each other. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !KEPT_FOR_SECRETS.includes(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function* piecesOf(file: string): Generator<Buffer> {
  const descriptor = openSync(file, 'r');
  try {
    let left = fstatSync(descriptor).size;
    while (left > 0) {
      const piece = Buffer.allocUnsafe(Math.min(left, PIECE_BYTES));
      const length = readSync(descriptor, piece);
      if (length === 0) return;
      left -= length;
      yield piece.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}

function withoutPageHeaders(segment: Buffer): Buffer {
  const pages = Array.from({ length: Math.ceil(segment.length / WAL_PAGE_BYTES) }, (_, index) => {
    const start = index * WAL_PAGE_BYTES;
    return segment.subarray(start + (index === 0 ? WAL_FIRST_HEADER_BYTES : WAL_HEADER_BYTES), start + WAL_PAGE_BYTES);
  });
  return Buffer.concat(pages);
}

function summarize(file: string, hits: readonly Hit[]): Finding[] {
  const counts = new Map<string, Finding>();
  for (const { label, form } of hits) {
    const key = `${label} ${form}`;
    counts.set(key, { file, label, form, times: (counts.get(key)?.times ?? 0) + 1 });
  }
  return [...counts.values()];
}
