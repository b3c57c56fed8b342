/*
 * The list of all checks: name, requirement, role under test, function over exchanges,
 * function over the end of a scenario, what it looks at. A row without a function is told
 * by the walk of another one (look_for): feed_walk.c tells "resends", "full-state" and
 * "aanmeld-ids", oracle.c all that begin with "state-".
 */
#ifndef JUDGE_CHECKS_LIST_H
#define JUDGE_CHECKS_LIST_H

#include "harness/judge/checks.h"

/* clang-format off */
#define CHECKS(X) \
    X("api-version", "KP-API-01", KOPPELPUNT, check_api_version, NULL, \
      "API-Version on every response") \
    X("security-fields", "KP-API-02", KOPPELPUNT, check_security_fields, NULL, \
      "no-store and the security fields on every response") \
    X("request-id", "KP-API-03", KOPPELPUNT, check_request_id, NULL, \
      "X-Request-Id of request and response") \
    X("problem", "KP-API-04", KOPPELPUNT, check_problem, NULL, \
      "the body of every error") \
    X("invalid-input", "KP-API-05", KOPPELPUNT, check_invalid_input, NULL, \
      "the faults that a 400 names") \
    X("www-authenticate", "KP-API-06", KOPPELPUNT, check_www_authenticate, NULL, \
      "WWW-Authenticate on every 401") \
    X("allow", "KP-API-07", KOPPELPUNT, check_allow, NULL, \
      "Allow on every 405") \
    X("retry-after", "KP-API-08", KOPPELPUNT, check_retry_after, NULL, \
      "Retry-After on every 429 and 503") \
    X("times", "KP-API-13", KOPPELPUNT, check_times, NULL, \
      "the form of every time in an answer") \
    X("feed-keys", "KP-LEV-01", KOPPELPUNT, check_keys, NULL, \
      "every key in the feed and in searches") \
    X("opleiding", "KP-LEV-03", KOPPELPUNT, check_opleiding, NULL, \
      "instelling and opleiding of every entry") \
    X("paging", "KP-LEV-04", KOPPELPUNT, check_paging, NULL, \
      "size, cursor and end of every page") \
    X("lapsed-entries", "KP-LEV-09", KOPPELPUNT, check_lapsed_entries, NULL, \
      "what lapsed entries carry") \
    X("deliverable", "KP-LEV-12", KOPPELPUNT, check_deliverable, NULL, \
      "status and number of every entry") \
    X("volgnummers", "KP-ORD-05", KOPPELPUNT, NULL, check_feed_walk, \
      "volgnummers along each reader's pages") \
    X("resends", "KP-ORD-04", KOPPELPUNT, NULL, NULL, \
      "messages that repeat a status, and the feed after them") \
    X("full-state", "KP-LEV-05", KOPPELPUNT, NULL, NULL, \
      "each reading from the beginning") \
    X("aanmeld-ids", "KP-LEV-13", KOPPELPUNT, NULL, NULL, \
      "the aanmeldId of each aanmelding over all readings") \
    X("freshness", "KP-LEV-08", KOPPELPUNT, NULL, check_freshness, \
      "from accepted to seen in the feed") \
    X("no-token", "KP-TOE-01", KOPPELPUNT, check_no_token, NULL, \
      "requests without a token or with one that nobody gave") \
    X("other-kind", "KP-TOE-02", KOPPELPUNT, check_other_kind, NULL, \
      "sources that read and readers that send") \
    X("before-date", "KP-TOE-03", KOPPELPUNT, check_before_date, NULL, \
      "readers before and after their aansluitdatum") \
    X("withdrawn", "KP-TOE-04", KOPPELPUNT, check_withdrawn, NULL, \
      "withdrawn clients") \
    X("thin", "KP-NOT-01", KOPPELPUNT, check_thin, NULL, \
      "every notification") \
    X("canaries", "KP-LEV-02", KOPPELPUNT, check_canaries, NULL, \
      "planted texts and other people's numbers in every response") \
    X("numbers", "KP-TOE-05", KOPPELPUNT, check_numbers, NULL, \
      "personal numbers in header fields, errors and cursors") \
    X("uri-numbers", "OS-OPH-12", OVERSTAPSYSTEEM, check_number_in_uri, NULL, \
      "personal numbers in the URIs it asks for") \
    X("follows", "OS-OPH-01", OVERSTAPSYSTEEM, NULL, check_follows, \
      "what it asks after a page with more to come") \
    X("by-itself", "OS-OPH-02", OVERSTAPSYSTEEM, NULL, check_by_itself, \
      "the time between two readings") \
    X("resumes", "OS-OPH-03", OVERSTAPSYSTEEM, NULL, check_resumes, \
      "where each reading begins") \
    X("gone", "OS-OPH-04", OVERSTAPSYSTEEM, NULL, check_gone, \
      "what it asks after a 410") \
    X("retry-gaps", "OS-OPH-05", OVERSTAPSYSTEEM, NULL, check_retry_gaps, \
      "the time between a failure and the next request") \
    X("tokens", "OS-OPH-06", OVERSTAPSYSTEEM, NULL, check_tokens, \
      "token requests and their causes") \
    X("processed-first", "OS-OPH-08", OVERSTAPSYSTEEM, NULL, check_processed_first, \
      "the cursor after a page that broke off") \
    X("from-date", "OS-OPH-14", OVERSTAPSYSTEEM, NULL, check_from_date, \
      "requests before and after its aansluitdatum") \
    X("state", "KP-INT-01", KOPPELPUNT, NULL, check_oracle, \
      "the last full reading against all that was accepted") \
    X("state-repeated", "KP-INT-02", KOPPELPUNT, NULL, NULL, \
      "the same, of messages that came more than once") \
    X("state-refused-batch", "KP-INT-04", KOPPELPUNT, NULL, NULL, \
      "the same, of what was refused") \
    X("state-refused-fields", "KP-INT-09", KOPPELPUNT, NULL, NULL, \
      "the same, of what was refused") \
    X("state-merged", "KP-INT-10", KOPPELPUNT, NULL, NULL, \
      "the same, of aanmeldingen with several sources") \
    X("state-late", "KP-ORD-01", KOPPELPUNT, NULL, NULL, \
      "the same, of messages that came out of order") \
    X("state-equal-times", "KP-ORD-02", KOPPELPUNT, NULL, NULL, \
      "the same, of statuses of one moment") \
    X("state-left-again", "KP-ORD-03", KOPPELPUNT, NULL, NULL, \
      "the same, of final statuses that were left") \
    X("state-offered", "KP-ORD-06", KOPPELPUNT, NULL, NULL, \
      "the same, of OFFERED after 1 August 2023") \
    X("state-hidden", "KP-LEV-12", KOPPELPUNT, NULL, NULL, \
      "the same, of what is not to be delivered") \
    X("state-stand", "KP-STA-01", KOPPELPUNT, NULL, NULL, \
      "the same, of what a stand held") \
    X("state-lapsed", "KP-STA-02", KOPPELPUNT, NULL, NULL, \
      "the same, of what a stand did not hold") \
    X("state-restart", "KP-ROB-01", KOPPELPUNT, NULL, NULL, \
      "the same, of what was accepted before a restart") \
    X("state-overload", "KP-ROB-02", KOPPELPUNT, NULL, NULL, \
      "the same, after an overload") \
    X("state-all-regions", "KP-ROB-04", KOPPELPUNT, NULL, NULL, \
      "the same, of all regions at once") \
    X("state-objection", "KP-OUD-01", KOPPELPUNT, NULL, NULL, \
      "the same, after a parent's objection") \
    X("identified", "KT-02", ANYBODY, check_identified, NULL, \
      "identification of every statusmelding that was accepted") \
    X("confirmations", "KT-03", ANYBODY, NULL, check_confirmations, \
      "confirmations to the named parents of applicants under 18") \
    X("objections", "KT-04", ANYBODY, NULL, check_objections, \
      "what follows an objection that stands") \
    X("support-question", "KT-06", ANYBODY, NULL, check_question, \
      "when the question about extra support was asked") \
    X("counts", "KT-07", ANYBODY, check_counts, NULL, \
      "sent, taken in and known already, of every batch") \
    X("staleness", "KT-08", ANYBODY, NULL, check_staleness, \
      "what each school was shown last, beside what the source holds")
/* clang-format on */

/* Over every exchange. */
void check_allow(struct look *l, const struct seen_exchange *x);
void check_api_version(struct look *l, const struct seen_exchange *x);
void check_before_date(struct look *l, const struct seen_exchange *x);
void check_canaries(struct look *l, const struct seen_exchange *x);
void check_deliverable(struct look *l, const struct seen_exchange *x);
void check_invalid_input(struct look *l, const struct seen_exchange *x);
void check_keys(struct look *l, const struct seen_exchange *x);
void check_lapsed_entries(struct look *l, const struct seen_exchange *x);
void check_no_token(struct look *l, const struct seen_exchange *x);
void check_counts(struct look *l, const struct seen_exchange *x);
void check_identified(struct look *l, const struct seen_exchange *x);
void check_number_in_uri(struct look *l, const struct seen_exchange *x);
void check_numbers(struct look *l, const struct seen_exchange *x);
void check_opleiding(struct look *l, const struct seen_exchange *x);
void check_other_kind(struct look *l, const struct seen_exchange *x);
void check_paging(struct look *l, const struct seen_exchange *x);
void check_problem(struct look *l, const struct seen_exchange *x);
void check_request_id(struct look *l, const struct seen_exchange *x);
void check_retry_after(struct look *l, const struct seen_exchange *x);
void check_security_fields(struct look *l, const struct seen_exchange *x);
void check_thin(struct look *l, const struct seen_exchange *x);
void check_times(struct look *l, const struct seen_exchange *x);
void check_withdrawn(struct look *l, const struct seen_exchange *x);
void check_www_authenticate(struct look *l, const struct seen_exchange *x);
/* Over the end of a scenario. */
void check_by_itself(struct look *l);
void check_confirmations(struct look *l);
void check_feed_walk(struct look *l);
void check_follows(struct look *l);
void check_freshness(struct look *l);
void check_from_date(struct look *l);
void check_gone(struct look *l);
void check_objections(struct look *l);
void check_oracle(struct look *l);
void check_processed_first(struct look *l);
void check_question(struct look *l);
void check_resumes(struct look *l);
void check_retry_gaps(struct look *l);
void check_staleness(struct look *l);
void check_tokens(struct look *l);

#endif
