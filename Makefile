# koppelproef: `make run` and `make test` do everything on a fresh Debian machine.
#   deps build run test unit e2e selftest lint asan fuzz bench install clean
# V=1 shows commands and outputs, BUILD=folder builds elsewhere, OPT="-O0" otherwise.

BUILD  ?= build
PREFIX ?= /usr/local
ifeq ($(origin CC),default)
CC := gcc
endif
Q      := $(if $(V),,@)
# Two at a time, unless `make -jN` says otherwise.
SUB     = $(MAKE) --no-print-directory $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j2)

VERSION := 0.1.0
PACKAGES := gcc libc6-dev make pkg-config libuv1-dev libcurl4-openssl-dev libmicrohttpd-dev \
            libjansson-dev libcmocka-dev libssl-dev libpcre2-dev libgnutls28-dev uthash-dev \
            zlib1g-dev
LIBS    := libuv libcurl libmicrohttpd gnutls jansson libcrypto libpcre2-8 zlib

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
        -Wmissing-prototypes -Wformat=2 -Wvla -Wundef -Wcast-qual -Wwrite-strings \
        -Wpointer-arith -Wimplicit-fallthrough
OPT  ?= -O2 -D_FORTIFY_SOURCE=2
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined \
            -fno-omit-frame-pointer
# Asked once, and only when it is needed: `deps` has run by then.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(LIBS) cmocka))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell pkg-config --libs $(LIBS)) -lm)$(PKG_LIBS)
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -I. $(WARN) $(OPT) -g -fno-common \
             -fstack-protector-strong -MMD -MP -DKOPPELPROEF_VERSION='"$(VERSION)"' \
             -DSOURCE_DIR='"$(CURDIR)"' $(PKG_CFLAGS) $(CFLAGS)

# The rooms, lowest first. A room's tests link only what the room may use.
ROOMS := base wire profile mocks scenario judge report cli
dir_mocks := mocks
room_dir   = $(or $(dir_$(1)),harness/$(1))
srcs       = $(sort $(wildcard $(call room_dir,$(1))/*.c))
objs       = $(patsubst %.c,$(BUILD)/obj/%.o,$(call srcs,$(1)))
lib        = $(BUILD)/lib/lib$(1).a
libs       = $(foreach r,$(1),$(call lib,$(r)))

use_base     := base
use_wire     := wire base
use_profile  := profile wire base
use_mocks    := mocks profile wire base
use_scenario := scenario mocks profile wire base
use_judge    := judge wire base
use_report   := report judge wire base
use_cli      := cli report judge scenario mocks profile wire base

.DEFAULT_GOAL := build
.PHONY: deps build run test unit e2e selftest lint asan fuzz bench install clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:

deps:
	$(Q)missing=$$(for p in $(PACKAGES) $(EXTRA_PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  echo "  DEPS  "$$missing; \
	  $$sudo apt-get update -qq && \
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	    --no-install-recommends $$missing >/dev/null; \
	fi

build: deps
	+$(Q)$(SUB) $(BUILD)/koppelproef

define room
$(BUILD)/lib/lib$(1).a: $(call objs,$(1)) $(BUILD)/files
	@mkdir -p $$(@D)
	$(Q)rm -f $$@; ar rcs $$@ $$(filter %.o,$$^)
endef
$(foreach r,$(ROOMS),$(eval $(call room,$(r))))

# What is made depends on the flags and on which files there are, not on this file's date.
quoted = $(foreach w,$(1),'$(subst ','\'',$(w))')
keep   = @mkdir -p $(@D); printf '%s\n' $(call quoted,$(1)) >$@.new; \
         cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(BUILD)/flags: FORCE
	$(call keep,$(CC) $(ALL_CFLAGS) $(PKG_LIBS) $(LDFLAGS))
$(BUILD)/files: FORCE
	$(call keep,$(foreach r,$(ROOMS),$(call srcs,$(r))))

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/koppelproef: $(call libs,$(use_cli))
	@echo "  LINK  $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ -Wl,--start-group $^ -Wl,--end-group $(PKG_LIBS) $(LDFLAGS)

# tests/unit/ROOM/test_X.c -> build/test/ROOM/test_X
unit_srcs := $(sort $(wildcard tests/unit/*/test_*.c))
unit_bins := $(patsubst tests/unit/%.c,$(BUILD)/test/%,$(unit_srcs))
define unit
$(BUILD)/test/$(1)/%: $(BUILD)/obj/tests/unit/$(1)/%.o $(call libs,$(use_$(1)))
	@mkdir -p $$(@D)
	@echo "  LINK  $$@"
	$(Q)$$(CC) $$(ALL_CFLAGS) -o $$@ $$< $(call libs,$(use_$(1))) $$(PKG_LIBS) -lcmocka $$(LDFLAGS)
endef
$(foreach r,$(ROOMS),$(eval $(call unit,$(r))))

run: build
	$(Q)$(BUILD)/koppelproef run $(ARGS)

# ---- tests: tests/run.sh counts what they say ----

run_layers    = layers='sh tests/lint/layers.sh && sh tests/lint/words.sh'
run_unit      = $(foreach t,$(unit_bins),$(t:$(BUILD)/test/%=unit/%)=$(t))
# Real processes, that mostly wait: more at a time, those that take longest first.
e2e_long  := shrink replay rounds selftest verify run pages
e2e_names := $(e2e_long) $(filter-out $(e2e_long),$(patsubst tests/e2e/test_%.sh,%,$(sort \
               $(wildcard tests/e2e/test_*.sh))))
e2e_env    = KOPPELPROEF=$(abspath $(BUILD))/koppelproef PEER=$(abspath $(BUILD))/test/e2e/peer
run_e2e    = $(foreach n,$(e2e_names),e2e/$(n)='$(e2e_env) sh tests/e2e/run.sh test_$(n)')
run_reference = reference='sh tests/reference.sh $(BUILD)/koppelproef $(BUILD)/reference'

.PHONY: unit-bins
unit-bins: $(unit_bins)

unit: deps
	+$(Q)$(SUB) unit-bins
	$(Q)sh tests/run.sh $(BUILD)/log/unit @2 $(run_unit)

test: deps
	+$(Q)$(SUB) $(BUILD)/koppelproef unit-bins $(BUILD)/test/e2e/peer
	$(Q)sh tests/run.sh $(BUILD)/log/test $(run_layers) @2 $(run_unit) \
	  @4 $(run_reference) $(run_e2e)

# ---- the built binary, with real processes ----

$(BUILD)/test/e2e/peer: tests/e2e/peer.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $<

# TESTS="test_run test_mock": only these.
e2e: build
	$(Q)$(MAKE) --no-print-directory $(BUILD)/test/e2e/peer
	$(Q)$(e2e_env) sh tests/e2e/run.sh $(TESTS)

# Every mutant against all scenarios: some minutes, so it is no part of `test`.
selftest: build
	$(Q)$(BUILD)/koppelproef selftest --out $(BUILD)/selftest $(ARGS)

# ---- heavier checks, each with its own flavour below build/ ----

# cmocka's handler of SIGSEGV would hide the report: handle_segv=2.
asan: export ASAN_OPTIONS := handle_segv=2:detect_leaks=1:strict_string_checks=1
asan: export UBSAN_OPTIONS := print_stacktrace=1
asan: deps
	+$(Q)$(SUB) BUILD=$(BUILD)/asan OPT='-O1 $(SANITIZE)' unit-bins $(BUILD)/asan/koppelproef
	+$(Q)$(SUB) BUILD=$(BUILD)/asan OPT='-O1 $(SANITIZE)' unit
	$(Q)sh tests/run.sh $(BUILD)/log/asan \
	  reference='sh tests/reference.sh $(BUILD)/asan/koppelproef $(BUILD)/asan/reference'

# Every parser of foreign bytes, a bounded number of inputs each.
FUZZ_RUNS ?= 20000
fuzz_names := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
fuzz_seeds  = $(wildcard tests/fuzz/corpus/$(1)) $(if $(filter scenario,$(1)),scenarios)
.PHONY: fuzz-bins
fuzz-bins: $(fuzz_names:%=$(BUILD)/fuzz-%)
$(BUILD)/fuzz-%: $(BUILD)/obj/tests/fuzz/fuzz_%.o $(call libs,$(use_scenario))
	@echo "  LINK  $@"
	$(Q)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer -o $@ $< \
	  -Wl,--start-group $(call libs,$(use_scenario)) -Wl,--end-group $(PKG_LIBS) $(LDFLAGS)

fuzz:
	$(Q)$(MAKE) --no-print-directory deps EXTRA_PACKAGES='clang libclang-rt-14-dev'
	+$(Q)$(SUB) BUILD=$(BUILD)/fuzz CC=clang OPT='-O1 -fsanitize=fuzzer-no-link $(SANITIZE)' \
	  WARN=-Wall fuzz-bins
	$(Q)mkdir -p $(fuzz_names:%=$(BUILD)/fuzz/corpus/%)
	$(Q)LIMIT=900 sh tests/run.sh $(BUILD)/log/fuzz @2 $(foreach n,$(fuzz_names),fuzz/$(n)='$(BUILD)/fuzz/fuzz-$(n) \
	  -runs=$(FUZZ_RUNS) -seed=1 -max_len=4096 -timeout=10 -artifact_prefix=$(BUILD)/fuzz/$(n)- \
	  $(BUILD)/fuzz/corpus/$(n) $(call fuzz_seeds,$(n))')

LINT_C := $(sort $(wildcard harness/*/*.[ch] mocks/*.[ch] tests/*/*.[ch] tests/unit/*/*.[ch]))
lint:
	$(Q)$(MAKE) --no-print-directory deps EXTRA_PACKAGES='clang-format cppcheck shellcheck'
	$(Q)sh tests/run.sh $(BUILD)/log/lint $(run_layers) \
	  format='clang-format --dry-run -Werror $(LINT_C)' \
	  cppcheck='sh tests/lint/cppcheck.sh $(BUILD)/cppcheck' \
	  shell='shellcheck -S warning -e SC1091 -s sh $(sort $(wildcard tests/*.sh tests/*/*.sh))'

bench_names := door_bench store_bench start_bench judge_bench
.PHONY: bench-bins
bench-bins: $(bench_names:%=$(BUILD)/%)
$(bench_names:%=$(BUILD)/%): $(BUILD)/%: $(BUILD)/obj/tests/bench/%.o $(call libs,judge $(use_mocks))
	@echo "  LINK  $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $< $(call libs,judge $(use_mocks)) $(PKG_LIBS) $(LDFLAGS)

bench:
	$(Q)$(MAKE) --no-print-directory deps EXTRA_PACKAGES='nginx-light wrk curl'
	+$(Q)$(SUB) $(BUILD)/koppelproef bench-bins
	$(Q)sh tests/bench/bench.sh $(BUILD) $(SECONDS)

share := $(DESTDIR)$(PREFIX)/share
install: build
	$(Q)$(MAKE) --no-print-directory deps EXTRA_PACKAGES=scdoc
	$(Q)install -d $(DESTDIR)$(PREFIX)/bin $(share)/koppelproef $(share)/man/man1 \
	  $(share)/bash-completion/completions $(share)/zsh/site-functions \
	  $(share)/fish/vendor_completions.d
	$(Q)install $(BUILD)/koppelproef $(DESTDIR)$(PREFIX)/bin/koppelproef
	$(Q)cp -R fixtures scenarios LICENSE $(share)/koppelproef/
	$(Q)k=$(BUILD)/koppelproef; \
	$$k manual | scdoc >$(share)/man/man1/koppelproef.1 && \
	$$k completion bash >$(share)/bash-completion/completions/koppelproef && \
	$$k completion zsh >$(share)/zsh/site-functions/_koppelproef && \
	$$k completion fish >$(share)/fish/vendor_completions.d/koppelproef.fish

clean:
	$(Q)rm -rf $(BUILD)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
