/* A journal with rounds: each scene is that of the round which its result names, findings
 * have their witness whatever the round. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/report/tape.h"

/* Two conversations in each of three rounds: an exchange and an expectation. */
static void write_journal(char path[], bool rounds)
{
    char *text = NULL;
    size_t n = 0;
    int fd = mkstemp(path), seq = 0;
    FILE *f = open_memstream(&text, &n);
    assert_true(fd >= 0);
    close(fd);
    for (int round = 1; round <= (rounds ? 3 : 1); round++) {
        fprintf(f, "{\"seq\":%d,\"t\":%d,\"kind\":\"run\",\"role\":\"koppelpunt\"",
                seq + 1, seq + 1);
        seq++;
        if (rounds)
            fprintf(f, ",\"round\":%d", round);
        fprintf(f, "%s}\n", round == 1 ? ",\"whole\":true" : "");
        for (const char *name = "ab"; *name; name++) {
            fprintf(f,
                    "{\"seq\":%d,\"t\":%d,\"kind\":\"scenario\",\"scenario\":"
                    "\"koppelpunt/%c\",\"phase\":\"start\"}\n",
                    seq + 1, seq + 1, *name);
            fprintf(
                f,
                "{\"seq\":%d,\"t\":%d,\"kind\":\"exchange\",\"scenario\":"
                "\"koppelpunt/%c\",\"from\":\"cambo\",\"to\":\"koppelpunt\",\"side\":"
                "\"client\",\"op\":\"token\",\"outcome\":\"answered\",\"step\":\"/s\","
                "\"request\":{\"method\":\"GET\",\"target\":\"/round-%d\"}}\n",
                seq + 2, seq + 2, *name, round);
            fprintf(f,
                    "{\"seq\":%d,\"t\":%d,\"kind\":\"expectation\",\"scenario\":"
                    "\"koppelpunt/%c\",\"step\":\"/s\",\"met\":false}\n",
                    seq + 3, seq + 3, *name);
            fprintf(f,
                    "{\"seq\":%d,\"t\":%d,\"kind\":\"scenario\",\"scenario\":"
                    "\"koppelpunt/%c\",\"phase\":\"end\",\"outcome\":\"stopped\",\"why\":"
                    "\"round %d\"}\n",
                    seq + 4, seq + 4, *name, round);
            seq += 4;
        }
    }
    fclose(f);
    assert_int_equal(file_write(path, text, n, NULL), 0);
    free(text);
}

static struct tape *tape_of(bool rounds, json_t *result)
{
    char path[] = "/tmp/koppelproef-tape-XXXXXX";
    struct tape *t = NULL;
    write_journal(path, rounds);
    assert_int_equal(tape_read(path, result, &t, NULL), 0);
    unlink(path);
    return t;
}

static void the_round_that_tells(void **state)
{
    (void)state;
    json_t *r = json_pack("{s[{ss,ss,si},{ss,ss,si}],s[{s[{s[i]},{s[i]}]}]}", "scenarios",
                          "name", "a", "role", "koppelpunt", "round", 2, "name", "b",
                          "role", "koppelpunt", "round", 1, "requirements", "findings",
                          "seqs", 13, "seqs", 26);
    struct tape *t = tape_of(true, r);
    const struct scene *a = tape_scene(t, "koppelpunt", "a");
    const struct scene *b = tape_scene(t, "koppelpunt", "b");
    assert_int_equal(a->n, 2);
    assert_int_equal(a->rows[0].seq, 12);
    assert_int_equal(a->began, 11);
    assert_int_equal(a->ended, 14);
    assert_string_equal(a->why, "round 2");
    assert_int_equal(b->rows[0].seq, 7);
    assert_string_equal(b->why, "round 1");
    /* The first witness is of the round that is shown, the other of another. */
    static const uint64_t seqs[] = {13, 26};
    static const char *const targets[] = {"/round-2", "/round-3"};
    for (size_t i = 0; i < ARRAY_LEN(seqs); i++) {
        const struct witness *w = tape_witness(t, seqs[i]);
        assert_non_null(w);
        assert_string_equal(json_text(json_object_get(w->exchange, "request"), "target"),
                            targets[i]);
    }
    assert_int_equal(t->runs, 1); /* roles, not rounds */
    assert_true(t->whole);
    tape_free(t);
    json_decref(r);
}

static void without_rounds(void **state)
{
    (void)state;
    json_t *r = json_pack("{s[{ss,ss}]}", "scenarios", "name", "a", "role", "koppelpunt");
    struct tape *t = tape_of(false, r);
    assert_int_equal(tape_scene(t, "koppelpunt", "a")->n, 2);
    assert_int_equal(tape_scene(t, "koppelpunt", "b")->n, 2); /* not even in the result */
    tape_free(t);
    json_decref(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_round_that_tells),
        cmocka_unit_test(without_rounds),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
