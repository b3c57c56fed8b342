/*
 * .tar.gz files of one strict form: ustar (POSIX.1-1988), regular files only, mode 0644,
 * no owner and no time, in gzip (RFC 1952) without name and time. The same files give the
 * same bytes, any tar unpacks them, and because the reader takes nothing else, no byte of
 * one can be changed unseen (deflate has bits that mean nothing: see `repacked`). Names
 * are relative, with "/", without "." and "..".
 */
#ifndef BASE_TARBALL_H
#define BASE_TARBALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

/* ---- writing ---- */

struct tarball_writer;
/* Writes beside `path`; tarball_finish puts it there in one step. */
int tarball_create(const char *path, struct tarball_writer **out, struct err *e);
int tarball_add(struct tarball_writer *w, const char *name, const void *p, size_t n,
                struct err *e);
int tarball_add_file(struct tarball_writer *w, const char *name, const char *path,
                     struct err *e);
/* Frees w. After an error of any of these the file is not there. */
int tarball_finish(struct tarball_writer *w, struct err *e);
void tarball_drop(struct tarball_writer *w); /* instead of finish; NULL is fine */

/* ---- reading ---- */

/* At most this is unpacked: in all, and so many times what the file has. */
struct tarball_limits {
    uint64_t bytes, files;
    unsigned ratio;
};
struct tarball_entry;
const char *tarball_name(const struct tarball_entry *t);
uint64_t tarball_size(const struct tarball_entry *t);
/* The entry's bytes into a new file; digest may be NULL. Else they are passed over. */
int tarball_save(struct tarball_entry *t, const char *path, char digest[65],
                 struct err *e);
/* Calls `entry` for each; what it returns ends the reading when it is not 0. E_INVALID:
 * the file is no such archive, is cut off, damaged, or holds what it may not. E_TOOBIG: a
 * limit was passed. *repacked (may be NULL): the contents are whole, but the same
 * contents packed here give other bytes: another zlib made it, or a bit was changed that
 * means nothing. */
typedef int tarball_cb(void *arg, struct tarball_entry *t, struct err *e);
int tarball_read(const char *path, const struct tarball_limits *limits, tarball_cb *entry,
                 void *arg, bool *repacked, struct err *e);

#endif
