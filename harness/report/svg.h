/*
 * Pictures as inline SVG: in the colours of the page, with patterns and words beside the
 * colours, and each with a table that says the same.
 */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include "harness/report/page.h"
#include "harness/report/tape.h"

/* A conversation as a sequence diagram: rows [from, to) of a scene. `hot` (may be NULL)
 * holds for each row of the scene whether a finding points at it. */
void svg_sequence(struct page *p, const struct scene *s, size_t from, size_t to,
                  const bool *hot);
/* The same rows as a table. */
void table_sequence(struct page *p, const struct scene *s, size_t from, size_t to,
                    const bool *hot);
/* A row in a few words: what was asked or what happened, and what came of it. */
void row_words(const struct page *p, const struct row *r, struct buf *out);
const char *party_name(const struct page *p, enum party who);

/* When the system answered, when it failed to, when it was away, and our faults. Nothing
 * when there was neither fault nor failure. */
void svg_timeline(struct page *p, const struct scene *s);

/* Statuses sent, per instelling and statussource. `known` as in report.h. */
void svg_places(struct page *p, const struct tape *t, const json_t *known);
/* The same summed over the regions, all regions shown. */
void svg_regions(struct page *p, const struct tape *t, const json_t *known);
/* How aanmeldingen went from status to status. */
void svg_flow(struct page *p, const struct tape *t);
/* How long the system took, per operation: reliability.operations of a result. */
void svg_latencies(struct page *p, const json_t *operations);

#endif
