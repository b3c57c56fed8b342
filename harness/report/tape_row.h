/* One event of a journal as a row of a conversation. */
#ifndef REPORT_TAPE_ROW_H
#define REPORT_TAPE_ROW_H

#include "harness/report/tape.h"

/* False when the event is no part of the conversation. *r is zero before. */
bool row_read(const json_t *event, struct row *r);

#endif
