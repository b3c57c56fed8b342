# koppelproef: `make run` and `make test` do everything on a fresh Debian machine.
# Others: deps build bench lint asan fuzz install clean. V=1 shows the commands.

BUILD  ?= build
PREFIX ?= /usr/local
CC     ?= gcc
Q      := $(if $(V),,@)

VERSION := 0.1.0
PACKAGES := gcc make pkg-config libuv1-dev libcurl4-openssl-dev libmicrohttpd-dev \
            libjansson-dev libcmocka-dev libssl-dev libpcre2-dev uthash-dev
LIBS    := libuv libcurl libmicrohttpd jansson libcrypto libpcre2-8

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
        -Wmissing-prototypes -Wformat=2 -Wvla -Wundef -Wcast-qual -Wwrite-strings \
        -Wpointer-arith -Wimplicit-fallthrough
OPT  ?= -O2 -D_FORTIFY_SOURCE=2
# Recursive on purpose: pkg-config is only asked once `deps` has run.
PKG_CFLAGS = $(shell pkg-config --cflags $(LIBS) cmocka 2>/dev/null)
PKG_LIBS   = $(shell pkg-config --libs $(LIBS) 2>/dev/null) -lm
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
.PHONY: deps build run test unit e2e bench lint asan fuzz install clean

deps:
	$(Q)missing=$$(for p in $(PACKAGES) $(EXTRA_PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  echo "  DEPS  $$missing"; \
	  $$sudo apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi

build: deps
	$(Q)$(MAKE) --no-print-directory $(BUILD)/koppelproef

define room
$(BUILD)/lib/lib$(1).a: $(call objs,$(1))
	@mkdir -p $$(@D)
	$(Q)rm -f $$@; ar rcs $$@ $$^
endef
$(foreach r,$(ROOMS),$(eval $(call room,$(r))))

$(BUILD)/obj/%.o: %.c Makefile
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

unit: deps
	$(Q)$(MAKE) --no-print-directory $(unit_bins)
	$(Q)for t in $(unit_bins); do echo "  TEST  $$t"; $$t || exit 1; done

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
.SECONDARY:
