/*
 * An append log: what a role acknowledged, so that it survives kill -9. One record is one
 * line, written with one write(2) before the answer goes out:
 *
 *     LLLLLLLL CCCCCCCC payload\n
 *
 * L is the payload's length and C its checksum, eight hex digits each; the payload is any
 * text, by custom one JSON value. A record that was torn by a kill can only be the last
 * one: it was never acknowledged, and it is dropped at the next open. A bad record with
 * others behind it is damage, and opening fails.
 *
 * Without `sync` nothing is flushed to the disk: what write(2) took survives the end of
 * the process (it is in the page cache), not the end of the machine. That is enough for a
 * laboratory and some thousand times faster.
 */
#ifndef MOCKS_APPLOG_H
#define MOCKS_APPLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

struct applog;

/* One record at the opening, in order; `p` is borrowed and not terminated. 0, or E_* to
 * stop: the opening then fails with it. */
typedef int applog_record_cb(void *arg, const char *p, size_t n, struct err *e);

/* Opens or creates, replays what is there, drops a torn last record. The folder must
 * exist. E_ENV when the file can't be used, another process has it open, or it is
 * damaged. */
int applog_open(const char *path, bool sync, applog_record_cb *record, void *arg,
                struct applog **out, struct err *e);
void applog_close(struct applog *l); /* NULL is fine */

/* 0, or E_ENV: then nothing of the record is in the log (what a short write left there is
 * cut off again; if even that fails, every later append fails too). */
int applog_append(struct applog *l, const char *p, size_t n, struct err *e);

/* Bytes in the log. */
uint64_t applog_size(const struct applog *l);

#endif
