/*
 * Journalling one exchange of a host: adds its canonical messages, writes it, and shows
 * it to whoever wants to see it.
 */
#ifndef MOCKS_HOST_RECORD_H
#define MOCKS_HOST_RECORD_H

#include "mocks/host.h"

/* Writes and shows x, filled in but for message, answer and faults. `op` may be OP_NONE.
 * `message` is the canonical request where it is known already; NULL: read it from the
 * request. The faults are those of the peer's message: the request on the server's side,
 * the response on the client's. */
void host_record(const struct host_config *c, struct exchange *x, enum op op,
                 json_t *message);

/* What a request to an overstapsysteem's observer is called: "waarnemer.waarnemingen";
 * NULL when it is none. A constant. */
const char *host_observer_operation(const char *target);

#endif
