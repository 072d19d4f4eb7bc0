/**
 * An engine of the simulator's own: seats for one, taken in a transaction that lists who sits there and writes under a
 * name of its own. It has no lock, and two who take a seat at once touch no common key: all that keeps them apart is
 * that the storage checks what a transaction listed.
 */
import { encodeUtf8 } from '../../core/codec/utf8.ts';
import { refuse } from '../../core/fault.ts';
import { createBackend } from '../../core/framework/backend.ts';
import { engine } from '../../core/framework/engine.ts';
import { field } from '../../core/framework/field.ts';
import type { Backend, BackendContext } from '../../core/framework/logical.ts';

const seatFields = { seat: field.string('The seat.') };

const seats = engine({ type: 'seats', about: 'Seats for one.' })
  .path(
    'seat/:seat/:name',
    'Somebody on a seat.',
    { ...seatFields, name: field.string('Who.') },
    {
      update: {
        about: 'Take the seat.',
        run: ({ seat, name }, call) =>
          call.transaction(async (storage) => {
            if ((await storage.list(`seat/${seat}/`)).length > 0) throw refuse('the seat is taken');
            await storage.put(`seat/${seat}/${name}`, encodeUtf8('{}'));
          }),
      },
      delete: { about: 'Leave the seat.', run: ({ seat, name }, call) => call.storage.delete(`seat/${seat}/${name}`) },
    },
  )
  .path('seat/:seat', 'Who sits there.', seatFields, {
    list: { about: 'List them.', run: ({ seat }, call) => call.storage.list(`seat/${seat}/`) },
  });

export const createSeats = (context: BackendContext): Backend => createBackend(seats, context);
