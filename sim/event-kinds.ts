/** What an event is, in the rolling hash and in the log of hashes: numbers on the way, names for people. */
export const EVENT_KINDS = [
  'start',
  'timer',
  'message',
  'close',
  'accept',
  'dial',
  'retransmit',
  'disk',
  'cpu',
  'fault',
  'signal',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

const numberOf = (kind: EventKind): number => EVENT_KINDS.indexOf(kind);

export const START = numberOf('start');
export const TIMER = numberOf('timer');
export const MESSAGE = numberOf('message');
export const CLOSE = numberOf('close');
export const ACCEPT = numberOf('accept');
export const DIAL = numberOf('dial');
export const RETRANSMIT = numberOf('retransmit');
export const DISK = numberOf('disk');
export const CPU = numberOf('cpu');
export const FAULT = numberOf('fault');
export const SIGNAL = numberOf('signal');
