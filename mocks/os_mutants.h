/*
 * The overstapsysteem's defects and oddities, one name each. Where one lives in the code
 * there is a single `if` on it; those that only change what the observer is told are in
 * mocks/os_mutate.c, those of the order of statuses in mocks/os_view_mutate.c.
 */
#ifndef MOCKS_OS_MUTANTS_H
#define MOCKS_OS_MUTANTS_H

#include "mocks/mutants.h"

enum os_mutant {
    OS_MUTANT_NONE, /* the reference */

    /* ---- fetching ---- */
    OS_FIRST_PAGE_ONLY,
    OS_ONE_PAGE_PER_FETCH,
    OS_NEVER_BY_ITSELF,
    OS_FETCHES_SELDOM,
    OS_FORGETS_CURSOR,
    OS_REFETCHES_ALL,
    OS_KEEPS_CURSOR_AT_410,
    OS_KEEPS_GONE_AT_410,
    OS_IGNORES_RETRY_AFTER,
    OS_IGNORES_RETRY_DATE,
    OS_ASKED_IN_SPITE_OF_HOLD,
    OS_SHRINKING_GAPS,
    OS_STORMS,
    OS_TOKEN_PER_REQUEST,
    OS_TOKEN_PER_FETCH,
    OS_TOKEN_AGAIN_AND_AGAIN,
    OS_GIVES_UP,
    OS_TAKES_HALF_A_PAGE,
    OS_LOSES_BROKEN_RUN,
    OS_CURSOR_FIRST,
    OS_FOLLOWS_REDIRECT,
    OS_TRUSTS_ANYBODY,
    OS_TRUSTS_ANY_NAME,
    OS_BSN_IN_URI,
    OS_BELIEVES_EMPTY,
    OS_BELIEVES_MAINTENANCE,
    OS_BELIEVES_WRONG_FORM,
    OS_HAMMERS_BEFORE_DATE,
    OS_STARTS_LATE,
    OS_SLOW_PAGES,

    /* ---- taking in ---- */
    OS_DOUBLES_SAME_PAGE,
    OS_LAST_ARRIVAL_WINS,
    OS_TEXT_TIMES,
    OS_NO_RANK,
    OS_BURSTS_DOUBLE,
    OS_STOPS_AT_STATUS,
    OS_STOPS_AT_KEY,
    OS_UNKNOWN_IS_RECEIVED,
    OS_FINAL_STICKS,
    OS_NEVER_DOWN,
    OS_LAPSED_STAYS,
    OS_LAPSE_FOR_EVER,
    OS_PAST_LIFE_COUNTS,
    OS_OLD_PAGE_REVIVES,
    OS_RESEND_HIDES,
    OS_FIRST_OPLEIDING_STAYS,
    OS_LARGE_PAGES_CUT,
    OS_ENROLLED_BEATS_REJECTED,

    /* ---- showing ---- */
    OS_ONE_PER_PERSON,
    OS_ONE_PER_OPLEIDING,
    OS_FORGETS_WHEN_QUIET,
    OS_SWITCH_OVERWRITES,
    OS_OWN_DOUBLED,
    OS_OWN_WINS,
    OS_OWN_IGNORED,
    OS_LOSES_LEADING_ZEROS,
    OS_ALL_TO_ALL,
    OS_LEFT_PUPILS_STAY,
    OS_ONLY_OWN_REGION,
    OS_SHOWS_MORE,
    OS_NO_NAMES,
    OS_NAMES_ENCODED_TWICE,
    OS_SHOWS_LOCAL_TIME,

    /* ---- notifications ---- */
    OS_ONLY_NOTIFIED,

    /* ---- unusual, and right ---- */
    OS_LIMIET_3,
    OS_LIMIET_1000,
    OS_RENEWS_EARLY,
    OS_ASKS_BEFORE_DATE,
    OS_EARLY_IN_INTERVAL,
    OS_EVEN_GAPS,
    OS_SLOW_OBSERVER,
    OS_NINE_DIGITS,
    OS_REVERSED,
    OS_UNKNOWN_HIDDEN,
    OS_NO_OPHALEN,
    OS_ANSWER_WITH_MORE,
};

#endif
