/*
 * The few words of the domain that every room shares: statuses with their rank, number
 * checks, and the masking of personal numbers. No wire form lives here.
 */
#ifndef BASE_DOMAIN_H
#define BASE_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"

/* In ascending rank: at equal begindatum the highest wins (KP-ORD-02, OS-VER-01).
 * The order REJECTED < WITHDRAWN < SUBMITTED < RECEIVED < OFFERED < ENROLLED is that of
 * the published analysis of the real export. */
enum status {
    STATUS_NONE = 0, /* not a status of the contract */
    STATUS_REJECTED,
    STATUS_WITHDRAWN,
    STATUS_SUBMITTED,
    STATUS_RECEIVED,
    STATUS_OFFERED,
    STATUS_ENROLLED,
    STATUS_COUNT
};

const char *status_name(enum status s);    /* "RECEIVED"; "" for NONE */
enum status status_by_name(const char *s); /* NONE when unknown */

/* Elfproef: 9 digits, 9p1+8p2+..+2p8-p9 divisible by 11, not all zero. */
bool bsn_valid(const char *s, size_t n);
/* Onderwijsnummer: the same sum leaves remainder 5. */
bool onderwijsnummer_valid(const char *s, size_t n);

/* Masking at capture. A free-standing run of exactly nine digits (no digit beside it, and
 * not the fraction of a time: not preceded by digit + '.') that passes either test is
 * replaced by "bsn~" or "own~" and ten hex digits of HMAC-SHA256(key, number): the same
 * number gives the same mask within one run, and nothing gives the number back.
 * Digits of an escape in front (%22, \u0022) don't count as beside it. Nine digits inside
 * 32 or more hex digits, or in the last group of a UUID, belong to a digest or id and
 * stay. */
struct mask {
    unsigned char key[32];
};
void mask_init(struct mask *m, uint64_t seed);
/* Ten hex digits of HMAC-SHA256(key, p). */
void mask_tag(const struct mask *m, const void *p, size_t n, char out[11]);
/* Appends s with its personal numbers masked. Percent-encoded digits are not decoded. */
int mask_add(const struct mask *m, struct buf *out, const char *s, size_t n);
/* As mask_add into a new string; the caller frees. */
char *mask_text(const struct mask *m, const char *s);
/* true when the text holds a number that mask_add would replace. */
bool mask_needed(const char *s, size_t n);
/* Where the next such number begins in a text that was masked, from *at on: sets *at.
 * Nine digits of a mask itself are none. */
bool mask_find(const char *s, size_t n, size_t *at);
/* true when the text holds a mask ("bsn~"/"own~" + 10 hex digits). */
bool mask_present(const char *s, size_t n);

#endif
