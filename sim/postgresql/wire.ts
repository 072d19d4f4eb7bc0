/** What goes between a node and the database: a statement there, an answer or a refusal back. */
import { WireReader, WireWriter } from '../../core/raft/wire.ts';
import type { SqlAnswer, SqlValue } from '../../core/storage/postgresql/sql.ts';

const NULL = 0;
const TEXT = 1;
const NUMBER = 2;
const BYTES = 3;

export interface Statement {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

export function encodeStatement({ text, values }: Statement): Uint8Array {
  const writer = new WireWriter();
  writer.text(text);
  writer.number(values.length);
  for (const value of values) writeValue(writer, value);
  return writer.take();
}

export function decodeStatement(bytes: Uint8Array): Statement {
  const reader = new WireReader(bytes);
  const text = reader.text();
  const values: SqlValue[] = [];
  for (let count = reader.number(); count > 0; count--) values.push(readValue(reader) ?? '');
  return { text, values };
}

/** A text is a refusal. */
export function encodeAnswer(answer: SqlAnswer | string): Uint8Array {
  const writer = new WireWriter();
  writer.text(typeof answer === 'string' ? answer : '');
  if (typeof answer === 'string') return writer.take();
  writer.text(answer.command);
  writer.number(answer.changed);
  writer.number(answer.rows.length);
  for (const row of answer.rows) {
    writer.number(row.length);
    for (const value of row) writeValue(writer, value);
  }
  return writer.take();
}

export function decodeAnswer(bytes: Uint8Array): SqlAnswer | string {
  const reader = new WireReader(bytes);
  const refusal = reader.text();
  if (refusal !== '') return refusal;
  const command = reader.text();
  const changed = reader.number();
  const rows: (string | Uint8Array | null)[][] = [];
  for (let count = reader.number(); count > 0; count--) {
    const row: (string | Uint8Array | null)[] = [];
    for (let left = reader.number(); left > 0; left--) {
      const value = readValue(reader);
      row.push(typeof value === 'number' ? String(value) : value);
    }
    rows.push(row);
  }
  return { command, changed, rows };
}

function writeValue(writer: WireWriter, value: SqlValue | null): void {
  if (value === null) writer.byte(NULL);
  else if (typeof value === 'string') {
    writer.byte(TEXT);
    writer.text(value);
  } else if (typeof value === 'number') {
    writer.byte(NUMBER);
    writer.number(value);
  } else {
    writer.byte(BYTES);
    writer.bytes(value);
  }
}

function readValue(reader: WireReader): SqlValue | null {
  switch (reader.byte()) {
    case TEXT:
      return reader.text();
    case NUMBER:
      return reader.number();
    case BYTES:
      return reader.bytes();
    default:
      return null;
  }
}
