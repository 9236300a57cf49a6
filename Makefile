# ita-gateway. `make help` lists the targets; V=1 shows the commands; everything is built under build/$(MODE).
# MODE is release (default), debug, asan, tsan or fuzz.
MODE ?= release
B    := build/$(MODE)

# The architecture: each part, and the parts it may include and link, nearest first.
# `make layers` holds the includes against this table; the linker holds the tests to it.
PARTS             := base net xnumber profile upstream ita aicc gateway/model gateway/store gateway gateway/callback gateway/call \
                     gateway/recording gateway/diagnostics gateway/metrics gateway/agent_api gateway/admin_api gateway/daemon gateway/cli \
                     mock_ita/scenario mock_ita/telephony mock_ita/aicc mock_ita
USES_base         := base
USES_net          := net base
USES_xnumber      := xnumber base
USES_profile      := profile base
USES_upstream     := upstream net base
USES_ita          := ita upstream profile net base
USES_aicc         := aicc upstream profile net base
BELOW_gateway     := aicc ita upstream profile xnumber net base
USES_gateway/model     := gateway/model $(BELOW_gateway)
USES_gateway/store     := gateway/store $(USES_gateway/model)
USES_gateway           := gateway $(USES_gateway/store)
USES_gateway/callback  := gateway/callback $(USES_gateway)
USES_gateway/call      := gateway/call $(USES_gateway/callback)
USES_gateway/recording := gateway/recording $(USES_gateway)
USES_gateway/diagnostics := gateway/diagnostics $(USES_gateway)
USES_gateway/metrics   := gateway/metrics gateway/diagnostics $(USES_gateway/callback)
USES_gateway/agent_api := gateway/agent_api gateway/recording $(USES_gateway/call)
USES_gateway/admin_api := gateway/admin_api gateway/metrics gateway/diagnostics $(USES_gateway/call)
USES_gateway/daemon    := gateway/daemon gateway/admin_api gateway/metrics gateway/diagnostics gateway/agent_api gateway/recording \
                          $(USES_gateway/call)
USES_gateway/cli       := gateway/cli $(USES_gateway/daemon)
USES_mock_ita/scenario  := mock_ita/scenario profile base
USES_mock_ita/telephony := mock_ita/telephony mock_ita/scenario profile base
USES_mock_ita/aicc      := mock_ita/aicc mock_ita/telephony mock_ita/scenario profile base
USES_mock_ita     := mock_ita mock_ita/aicc mock_ita/telephony mock_ita/scenario profile net base
USES_bench        := $(USES_gateway)

# Programs: NAME=PART, whose main.c assembles it.
PROGRAMS          := ita-gateway=gateway/cli mock-ita=mock_ita

# Files compiled in as they stand (base/embedded.h), by part.
EMBEDDED_gateway/admin_api := gateway/admin_api/openapi.json $(wildcard gateway/admin_api/console/*.*)
EMBEDDED_gateway/cli := gateway/cli/completion.bash gateway/cli/completion.zsh
EMBEDDED_mock_ita := mock_ita/openapi.json $(wildcard mock_ita/page/*.*)

VERSION  := 0.1.0
PACKAGES := libuv libcurl openssl sqlite3 libsodium
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wundef -Wvla -Wformat=2 \
            -Wstrict-prototypes -Wmissing-prototypes -Wswitch-enum -Werror
CFLAGS_debug   := -O0 -g3
CFLAGS_release := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
CFLAGS_asan    := -O1 -g3 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
CFLAGS_tsan    := -O1 -g3 -fno-omit-frame-pointer -fsanitize=thread
# gcc says to the source that it sanitizes, clang 14 does not (base/mem.c asks).
CFLAGS_fuzz    := -O1 -g3 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -D__SANITIZE_ADDRESS__
LDFLAGS_release := -pie -Wl,--as-needed -Wl,-z,relro,-z,now -Wl,--export-dynamic-symbol=_gnutls_global_init_skip
LDFLAGS_asan   := -fsanitize=address,undefined
LDFLAGS_tsan   := -fsanitize=thread
LDFLAGS_fuzz   := -fsanitize=address,undefined
CPPFLAGS += -I. -I$B -D_GNU_SOURCE -DVERSION='"$(VERSION)"' $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
CFLAGS   += -std=c17 $(WARNINGS) $(CFLAGS_$(MODE)) -MMD -MP
LDFLAGS  += $(LDFLAGS_$(MODE))
LDLIBS   += $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lpthread -lm
# The programs' allocator: the C library's is slow above 1 KiB and with threads; jemalloc takes a tenth off a call.
# Linked in, because the shared one brings the C++ library along, 0.9 MiB of an idle daemon. Sanitizers bring their own.
ALLOCATOR_release := -l:libjemalloc_pic.a -lm -static-libgcc
PREFIX     ?= /usr/local
SYSCONFDIR ?= $(PREFIX)/etc
UNITDIR    ?= $(PREFIX)/lib/systemd/system
Q := $(if $(V),,@)

program_name = $(firstword $(subst =, ,$1))
program_part = $(lastword $(subst =, ,$1))
sources  = $(filter-out %/main.c,$(wildcard $1/*.c))
embedded = $(EMBEDDED_$1:%=$B/%.o)
objects  = $(patsubst %.c,$B/%.o,$(call sources,$1)) $(call embedded,$1)
archives = $(foreach p,$(USES_$1),$B/$p/part.a)
tests    = $(patsubst %.c,$B/%,$(wildcard tests/$1/test_*.c))
fuzzers  = $(patsubst %.c,$B/%,$(wildcard tests/$1/fuzz_*.c))
BINS     := $(foreach p,$(PROGRAMS),$B/bin/$(call program_name,$p))
TESTS    := $(foreach p,$(PARTS),$(call tests,$p))
FUZZERS  := $(foreach p,$(PARTS),$(call fuzzers,$p))
BENCHES  := $(patsubst %.c,$B/%,$(wildcard bench/*.c))

all: $(BINS)
	@:

define part_rules
$B/$1/part.a: $(call objects,$1)
$(call tests,$1): %: %.o $(call archives,$1)
$(call fuzzers,$1): %: %.o $(if $(filter fuzz,$(MODE)),,$B/tests/fuzz_main.o) $(call archives,$1)
endef
$(foreach p,$(PARTS),$(eval $(call part_rules,$p)))
$(foreach p,$(PROGRAMS),$(eval $B/bin/$(call program_name,$p): $B/$(call program_part,$p)/main.o \
                                                               $(call archives,$(call program_part,$p))))
$(BENCHES): %: %.o $(call archives,bench)

# The same fuzzer sources link with libFuzzer (MODE=fuzz), or with a main that plays the corpus (any other mode).
$(TESTS): LDLIBS += -lcmocka
$(BINS): LDLIBS += $(ALLOCATOR_$(MODE))
$(FUZZERS): LDFLAGS += $(if $(filter fuzz,$(MODE)),-fsanitize=fuzzer)

$(BINS) $(TESTS) $(FUZZERS) $(BENCHES):
	@mkdir -p $(@D); $(if $(Q),echo "  LINK  $@")
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$B/%.a:
	@mkdir -p $(@D)
	$(Q)rm -f $@; ar rcs $@ $^
$(foreach p,$(PARTS),$(call embedded,$p)): $B/%.o: %
	@mkdir -p $(@D); $(if $(Q),echo "  EMBED $<")
	$(Q)name=$$(printf %s '$<' | tr -c 'a-zA-Z0-9' _); printf '%s\n' '.section .rodata' ".global $$name, $${name}_size" \
	    '.balign 8' "$${name}_size: .8byte 2f - 1f" "$$name: 1: .incbin \"$<\"" '2: .byte 0' \
	    '.section .note.GNU-stack,"",%progbits' | $(CC) -x assembler -c -o $@ -
$B/%.o: %.c
	@mkdir -p $(@D); $(if $(Q),echo "  CC    $<")
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# --- Tests ---
unit: $(TESTS) $(FUZZERS)
	@tests/run unit $B

check: deps
	@$(MAKE) --no-print-directory MODE=$(MODE) check-built
check-built: $(BINS) $(TESTS) $(FUZZERS) $(BENCHES) layers banned
	@tests/run all $B

e2e: $(BINS) $(BENCHES)
	@tests/run e2e $B

asan tsan: deps
	@$(MAKE) --no-print-directory MODE=$@ check-built

fuzz: deps
	@tools/deps.sh fuzz
	@$(MAKE) --no-print-directory MODE=fuzz CC=clang fuzz-run
fuzz-run: $(FUZZERS)
	@for f in $(FUZZERS); do tools/fuzz.sh $$f $(or $(FUZZ_SECONDS),30) || exit 1; done

# --- The main job, seen ---
demo: deps
	@$(MAKE) --no-print-directory MODE=$(MODE) all
	@tools/demo.sh $B
run: deps
	@$(MAKE) --no-print-directory MODE=$(MODE) all
	@tools/run.sh $B
bench: deps
	@tools/deps.sh bench
	@$(MAKE) --no-print-directory MODE=release all bench-built
	@bench/run build/release
bench-built: $(BENCHES)

# --- Upkeep ---
deps:
	@tools/deps.sh build
layers:
	@$(foreach p,$(PARTS),tools/check_layers.sh $p $(USES_$p) &&) :
banned:
	@tools/banned.sh
lint: deps
	@tools/deps.sh lint
	@$(MAKE) --no-print-directory layers banned format-check cppcheck shellcheck manlint clang-tidy
# cppcheck does not read system headers; all it needs of uthash is that HASH_ITER is a loop.
cppcheck:
	@cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,portability --inline-suppr \
	    --suppress=missingIncludeSystem '-DHASH_ITER(hh,head,el,tmp)=while(((tmp)=(head),(el)=(tmp)))' \
	    -I. $(PARTS) bench tests
# Findings come on standard output; on the other it counts what it was told to leave out.
clang-tidy:
	@mkdir -p $B
	@printf '%s\n' $(foreach p,$(PARTS) bench,$(wildcard $p/*.c)) | \
	    xargs -P $(shell nproc) -I FILE clang-tidy --quiet FILE -- -std=c17 $(WARNINGS) $(CPPFLAGS) 2>$B/clang-tidy.log
shellcheck:
	@shellcheck tools/*.sh .ci/run
manlint:
	@mandoc -Tlint -W warning docs/*.1
format:
	@clang-format -i $$(git ls-files '*.[ch]')
format-check:
	@clang-format --dry-run -Werror $$(git ls-files '*.[ch]')
# The pages that are made of tables and OpenAPI files; tests/e2e/test_docs_made.py holds them to those.
docs: $B/bin/ita-gateway
	LC_ALL=C.UTF-8 $< doctor explain --all --markdown > docs/errors.md
	$< serve --print-metrics > docs/metrics.md
	tools/api_reference.py gateway/agent_api/openapi.json > docs/api/agent.md
	tools/api_reference.py gateway/admin_api/openapi.json > docs/api/admin.md
	tools/api_reference.py mock_ita/openapi.json > docs/api/mock-ita.md
install: install-ita-gateway install-mock-ita
# Where bash-completion looks, and zsh: Debian's in vendor-completions, as built there in site-functions.
COMPLETIONS = $(DESTDIR)$(PREFIX)/share/bash-completion/completions/ita-gateway \
              $(DESTDIR)$(PREFIX)/share/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)/_ita-gateway
# For Prometheus and Grafana, and what to do when they call.
GATEWAY_SHARE = $(DESTDIR)$(PREFIX)/share/ita-gateway
# A configuration that is there stays.
install-ita-gateway: $B/bin/ita-gateway $B/ita-gateway.conf $B/ita-gateway.conf.5
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(UNITDIR) $(DESTDIR)$(SYSCONFDIR)/ita-gateway \
	    $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5 $(dir $(COMPLETIONS)) $(GATEWAY_SHARE)
	install -m 755 $< $(DESTDIR)$(PREFIX)/bin
	install -m 644 gateway/cli/completion.bash $(firstword $(COMPLETIONS))
	install -m 644 gateway/cli/completion.zsh $(lastword $(COMPLETIONS))
	install -m 644 docs/ita-gateway.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $B/ita-gateway.conf.5 $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 644 docs/alerts.yml docs/grafana-dashboard.json docs/runbook.md $(GATEWAY_SHARE)
	sed 's|/usr/bin/|$(PREFIX)/bin/|; s|/etc/ita-gateway/|$(SYSCONFDIR)/ita-gateway/|' packaging/ita-gateway.service \
	    > $(DESTDIR)$(UNITDIR)/ita-gateway.service
	[ -e $(DESTDIR)$(SYSCONFDIR)/ita-gateway/ita-gateway.conf ] || \
	    install -m 644 $B/ita-gateway.conf $(DESTDIR)$(SYSCONFDIR)/ita-gateway
$B/ita-gateway.conf: $B/bin/ita-gateway
	$(Q)$< serve --print-example | sed -e 's|^database =.*|database = /var/lib/ita-gateway/ita-gateway.db|' \
	    -e 's|^master-key-file =.*|master-key-file = $(SYSCONFDIR)/ita-gateway/master-key|' > $@
$B/ita-gateway.conf.5: $B/bin/ita-gateway
	$(Q)$< serve --print-manual > $@
# What is installed of the mock beside the program: manual page, README, scenarios to start from.
MOCK_ITA_SHARE     = $(DESTDIR)$(PREFIX)/share/mock-ita
MOCK_ITA_SCENARIOS = $(wildcard mock_ita/scenarios/*)
install-mock-ita: $B/bin/mock-ita
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(MOCK_ITA_SHARE)/scenarios
	install -m 755 $< $(DESTDIR)$(PREFIX)/bin
	install -m 644 docs/mock-ita.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 mock_ita/README.md $(MOCK_ITA_SHARE)
	install -m 644 $(MOCK_ITA_SCENARIOS) $(MOCK_ITA_SHARE)/scenarios
# Configuration, keys and calls stay.
uninstall: uninstall-mock-ita
	rm -f $(DESTDIR)$(PREFIX)/bin/ita-gateway $(DESTDIR)$(UNITDIR)/ita-gateway.service \
	    $(DESTDIR)$(PREFIX)/share/man/man1/ita-gateway.1 $(DESTDIR)$(PREFIX)/share/man/man5/ita-gateway.conf.5 $(COMPLETIONS)
	rm -rf $(GATEWAY_SHARE)
uninstall-mock-ita:
	rm -f $(DESTDIR)$(PREFIX)/bin/mock-ita $(DESTDIR)$(PREFIX)/share/man/man1/mock-ita.1
	rm -rf $(MOCK_ITA_SHARE)
clean:
	rm -rf build

# Two Debian packages, in build/deb.
deb:
	@tools/deps.sh build deb
	@tools/deb.sh
# They are built, and tried on a fresh Debian 12 in a folder; part of `check` where that can be done.
package-test: deps
	@tools/deps.sh deb
	@$(MAKE) --no-print-directory MODE=release all
	@tests/run e2e build/release test_package
help:
	@echo "make demo     a call goes the whole way, printed as it happens"
	@echo "make run      the same set-up stays up until Ctrl-C"
	@echo "make check    all tests; unit, e2e: a part of them"
	@echo "make asan     all tests under AddressSanitizer and UBSan; tsan: ThreadSanitizer"
	@echo "make fuzz     every fuzzer for FUZZ_SECONDS (30)"
	@echo "make bench    CPU per call and per CDR, beside nginx"
	@echo "make lint     layers, banned, format-check, cppcheck, clang-tidy, shellcheck, manlint"
	@echo "make deps     install the Debian packages that are missing"
	@echo "make docs     the pages of docs/ that are made of tables and OpenAPI files"
	@echo "make deb      Debian packages of both programs, in build/deb"
	@echo "make package-test  installs, upgrades and removes them on a fresh Debian 12 (root)"
	@echo "make install  PREFIX=$(PREFIX) DESTDIR=$(DESTDIR); install-mock-ita without the gateway; uninstall"

.PHONY: all unit check check-built e2e asan tsan fuzz fuzz-run demo run bench bench-built deps layers banned lint \
        cppcheck clang-tidy shellcheck manlint format format-check docs install deb package-test \
        install-ita-gateway install-mock-ita uninstall uninstall-mock-ita clean help
.SECONDARY:
.DELETE_ON_ERROR:
-include $(shell find $B -name '*.d' 2>/dev/null)
