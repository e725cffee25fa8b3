# SPDX-License-Identifier: Apache-2.0
# `make help` shows what can be asked for. A new .c, test, golden case or fuzz target needs no edit here.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:

JOBS ?= $(shell nproc)
MAKEFLAGS += -r
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(JOBS) # -j on the command line wins
endif

## What is built

BUILD ?= build
VARIANT ?= release
ifneq ($(filter default undefined,$(origin CC)),)
CC := gcc
endif
ifeq ($(VARIANT),fuzz)
override CC := clang
endif
PKG_CONFIG ?= pkg-config
PREFIX ?= /usr/local
Q := $(if $(V),,@)
say = $(if $(V),:,printf '  %-6s %s\n')

# Programs: the folder with their sources and the packages (pkg-config's names) that they are linked with.
programs := efa-webhook efa-agent efa-dev-certs
installed := efa-webhook efa-agent
efa-webhook.folder := src/webhook
efa-webhook.packages := libmicrohttpd gnutls libcrypto libcurl yaml-0.1 jansson
efa-agent.folder := src/agent
efa-agent.packages := libibverbs libefa libmlx5 libmicrohttpd gnutls libcrypto libcurl yaml-0.1 jansson
efa-dev-certs.folder := certs
efa-dev-certs.packages := libcrypto

packages := $(sort $(foreach p,$(programs),$($(p).packages)) jansson libcurl)
tested_packages := $(packages) libfabric cmocka # of libfabric only headers: it is loaded when it is asked

# Each variant and each other compiler has a folder of its own, so switching never needs a clean. What a
# plain `make` builds lands in build/bin.
variant := $(VARIANT)$(if $(filter gcc,$(notdir $(CC)))$(filter fuzz,$(VARIANT)),,-$(notdir $(CC)))
OUT := $(BUILD)/$(variant)
BIN := $(if $(filter release,$(variant)),$(BUILD),$(OUT))/bin

warnings := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wstrict-prototypes \
    -Wmissing-prototypes -Wold-style-definition -Wwrite-strings -Wcast-qual -Wcast-align -Wpointer-arith \
    -Wundef -Wvla -Wnull-dereference -Wdouble-promotion -Wimplicit-fallthrough -Wswitch-enum -Wredundant-decls \
    $(if $(filter 1 true,$(CI)),-Werror)

flags.release := -O3 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
flags.asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DJSON_PORTABLE
flags.tsan := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
flags.coverage := -O0 -g --coverage -fprofile-update=atomic
flags.fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
# null-dereference is left to clang-tidy: gcc 12 forgets that a NULL array has a count of 0. An unchecked
# malloc (possible-null-...) is still an error.
flags.analyze := -O0 -g -fanalyzer -Wno-analyzer-null-dereference -fdiagnostics-path-format=separate-events -Werror
$(if $(flags.$(VARIANT)),,$(error there is no VARIANT=$(VARIANT): release asan tsan coverage fuzz analyze))
link.release := -Wl,-z,relro,-z,now
link.fuzz = $(if $(filter $(OUT)/tests/fuzz/%,$@),-fsanitize=fuzzer)

# Asked once, and only when something is compiled: on a bare machine `make test` installs pkg-config first.
package_flags = $(eval package_flags := $$(patsubst -I%,-isystem%,$$(shell $$(PKG_CONFIG) --cflags \
    $$(tested_packages))))$(package_flags)
libraries = $(shell $(PKG_CONFIG) --libs $(1))
base_flags := -std=gnu17 -D_GNU_SOURCE -Iinclude -Itests -Isrc
compile = $(CC) $(base_flags) $(warnings) $(flags.$(VARIANT)) -fPIE -pthread $(package_flags) $(CPPFLAGS) $(CFLAGS)
link = $(CC) $(flags.$(VARIANT)) $(link.$(VARIANT)) -pie -pthread $(LDFLAGS) -Wl,--as-needed

folder_objects = $(patsubst %.c,$(OUT)/%.o,$(sort $(wildcard $(1)/*.c)))
programs_of = $(patsubst %.c,$(OUT)/%,$(sort $(wildcard $(1))))

programs := $(foreach p,$(programs),$(if $(shell grep -ls '^int main' $($(p).folder)/*.c),$(p)))
libraries_of_ours := $(OUT)/libio.a $(OUT)/libcore.a
binaries := $(programs:%=$(BIN)/%)
unit_tests := $(call programs_of,tests/unit/test_*.c)
golden_test := $(if $(wildcard tests/golden/*.c),$(OUT)/tests/golden/golden)
system_programs := $(call programs_of,tests/system/*.c)
system_tests := $(filter $(OUT)/tests/system/test_%,$(system_programs)) \
    $(sort $(wildcard tests/system/test_*.py tests/system/test_*.sh))
# These mostly wait, for time-outs and for files that change: two at a time, beside the unit tests.
waiting_tests := $(filter $(foreach t,imds% kube_% node_watch% server_nodes% server_reload% manage_certs% cluster_% agent_once% agent_serve%,\
    tests/system/test_$(t)),$(system_tests))
uverbs_tests := $(foreach t,verbs% libfabric% agent_looker%,$(filter $(OUT)/tests/unit/test_$(t),$(unit_tests)))
fake_uverbs := $(filter $(OUT)/tests/support/fake_uverbs%,$(call folder_objects,tests/support))
fuzzers := $(call programs_of,tests/fuzz/fuzz_*.c)
benches := $(call programs_of,tests/bench/bench_*.c)
preloaded := $(OUT)/tests/support/fake_uverbs.so
test_programs := $(unit_tests) $(golden_test) $(system_programs) $(preloaded)
c_files := $(sort $(wildcard src/*/*.c certs/*.c tests/*/*.c))
h_files := $(sort $(wildcard include/*/*.h src/*/*.h certs/*.h tests/*/*.h))

.PHONY: all
all: $(binaries) ## build the programs into build/bin (V=1 shows the commands, CC=clang, VARIANT=asan, ...)

.PHONY: everything
everything: $(binaries) $(test_programs) $(benches) ## build the programs, all tests and benchmarks

# The files below change only when their contents do, and what depends on them is built anew.
$(OUT)/flags: FORCE
	$(Q)mkdir -p $(OUT)
	$(Q)$(PKG_CONFIG) --exists --print-errors $(tested_packages) || \
	    { echo 'Libraries are missing: run .ci/install-packages (as root or with sudo).' >&2; exit 1; }
	$(Q)echo '$(compile) $(link)' | cmp -s - $@ || echo '$(compile) $(link)' >$@

$(OUT)/sources: FORCE
	$(Q)mkdir -p $(OUT)
	$(Q)echo '$(c_files)' | cmp -s - $@ || echo '$(c_files)' >$@

$(OUT)/%.o: %.c $(OUT)/flags
	$(Q)mkdir -p $(@D)
	$(Q)$(say) CC $<
	$(Q)$(compile) -MMD -MP -c -o $@ $<

$(OUT)/libcore.a: $(call folder_objects,src/core)
$(OUT)/libio.a: $(call folder_objects,src/io)
$(OUT)/libsupport.a: $(filter-out $(fake_uverbs),$(call folder_objects,tests/support))
$(OUT)/libwebhook.a: $(filter-out %/main.o,$(call folder_objects,src/webhook))
$(OUT)/libagent.a: $(filter-out %/main.o,$(call folder_objects,src/agent))
$(OUT)/lib%.a: $(OUT)/sources
	$(Q)rm -f $@
	$(Q)$(say) AR $@
	$(Q)$(AR) rcs $@ $(filter %.o,$^)

define program_rule
$$(BIN)/$(1): $$(call folder_objects,$$($(1).folder)) $$(libraries_of_ours)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(say) LINK $$@
	$$(Q)$$(link) -o $$@ $$^ $$(call libraries,$$($(1).packages))
endef
$(foreach p,$(programs),$(eval $(call program_rule,$(p))))

# A test is linked with everything; --wrap lets check_every_allocation() make our allocations fail.
wrapped := malloc calloc realloc reallocarray aligned_alloc strdup strndup
wrap := $(wrapped:%=-Wl,--wrap=%) -Wl,--undefined=__wrap_malloc
link_test = $(Q)$(say) LINK $@; $(link) $(1) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) \
    -Wl,--end-group $(call libraries,$(tested_packages)) -ldl -lm
test_libraries := $(OUT)/libsupport.a $(OUT)/libwebhook.a $(OUT)/libagent.a $(libraries_of_ours)
$(unit_tests) $(system_programs): $(OUT)/%: $(OUT)/%.o $(test_libraries)
	$(call link_test,$(wrap))
$(golden_test): $(call folder_objects,tests/golden) $(test_libraries)
	$(call link_test,$(wrap))
$(fuzzers) $(benches): $(OUT)/%: $(OUT)/%.o $(test_libraries)
	$(call link_test)

# The kernel's side of /dev/infiniband: linked into these tests, whose shared libraries have to see it too, and
# preloaded into programs. Never sanitized: a preloaded object comes before the sanitizer's.
$(uverbs_tests): $(fake_uverbs)
$(uverbs_tests): wrap += -rdynamic
$(preloaded): $(fake_uverbs:$(OUT)/%.o=%.c) tests/support/fake_uverbs.h $(OUT)/flags
	$(Q)mkdir -p $(@D)
	$(Q)$(say) LINK $@
	$(Q)$(CC) $(base_flags) $(warnings) -O2 -fPIC -shared -o $@ $(filter %.c,$^) -ldl

# It embeds them (.incbin), which the compiler's own list of dependencies does not show.
$(OUT)/src/io/builtin_config.o: $(wildcard config/*.yaml)

-include $(patsubst %.c,$(OUT)/%.d,$(c_files))

## Tests

suite = .ci/suite --bin $(BIN) --out $(OUT) --variant $(VARIANT) $(suite_flags)
chosen_system := $(filter $(OUT)/tests/system/test_$(T) tests/system/test_$(T).%,$(system_tests))
chosen_unit := $(filter $(OUT)/tests/unit/test_$(T),$(unit_tests))

.PHONY: test
ifeq ($(T),)
test: ## install what is missing, then run all tests; T=quantity runs one module's, without installing
	$(Q).ci/install-packages
	$(Q)$(MAKE) --no-print-directory run-tests
else
test: $(chosen_unit) $(if $(chosen_system),$(binaries) $(system_programs) $(golden_test) $(preloaded))
	$(Q)$(suite) --parallel $(chosen_unit) --serial $(chosen_system)
endif

.PHONY: run-tests run-quick-tests run-server-tests
run-tests: $(binaries) $(test_programs)
	$(Q)$(suite) --parallel $(waiting_tests) $(unit_tests) \
	    --serial $(golden_test) $(filter-out $(waiting_tests),$(system_tests))

run-quick-tests: $(binaries) $(unit_tests) $(golden_test)
	$(Q)$(suite) --parallel $(unit_tests) --serial $(golden_test)

run-server-tests: $(binaries) $(test_programs)
	$(Q)$(suite) --parallel $(waiting_tests) --serial $(golden_test) $(filter-out $(waiting_tests),$(system_tests))

.PHONY: golden
golden: $(binaries) $(golden_test) ## run the golden cases; CASE='four-*' chooses, UPDATE=1 rewrites expectations
	$(Q)CASE='$(CASE)' UPDATE='$(UPDATE)' $(suite) --serial $(golden_test)

.PHONY: e2e run-e2e
e2e: ## tests against a real Kubernetes, built from its Go modules; T=owners runs one file, K8S_VERSION=1.34.4
	$(Q).ci/install-packages e2e
	$(Q)$(MAKE) --no-print-directory run-e2e
e2e_programs := $(filter %/generated_reviews %/fake_node %/agent_load,$(system_programs))
run-e2e: $(binaries) $(golden_test) $(preloaded) $(e2e_programs)
	$(Q)K8S_VERSION='$(K8S_VERSION)' KUBEBUILDER_ASSETS='$(KUBEBUILDER_ASSETS)' \
	    tests/e2e/run.py --bin $(BIN) --out $(OUT) $(T)

.PHONY: vm-test run-vm-test
vm-test: ## tests of efa-agent on a real kernel, in a virtual machine with 32 EFA devices; T=devices runs one file
	$(Q).ci/install-packages vm
	$(Q)$(MAKE) --no-print-directory run-vm-test
run-vm-test: $(filter %/efa-agent,$(binaries))
	$(Q)python3 -B tests/vm/kernel.py
	$(Q)$(suite) --timeout 300 --serial $(wildcard tests/vm/test_$(or $(T),*).py)

.PHONY: tofu-test
tofu-test: ## deploy/cluster's Terraform under OpenTofu, which it builds from its Go module; TOFU=PROGRAM is another
	$(Q).ci/suite --bin $(BIN) --out $(OUT) --timeout 1500 --serial tests/tofu/test_terraform.py

.PHONY: check
check: run-quick-tests layers banned purity headers format-check ## unit and golden tests and the quick gates: for every save

## Gates

.PHONY: layers banned purity headers format format-check
layers: ## core knows nothing of io, io nothing of programs, one file a library, no file over 400 lines
	$(Q).ci/layers

banned: ## no call of strcpy, sprintf, atoi, system, ... (the list: .ci/banned)
	$(Q).ci/banned $(c_files) $(h_files)

purity: $(OUT)/libcore.a ## core asks the linker for no clock, file, socket, environment or stream
	$(Q).ci/purity $<

headers: $(OUT)/flags ## every header compiles alone, and twice
	$(Q)CC='$(compile)' .ci/headers $(h_files)

format: ## clang-format in place
	$(Q)clang-format -i $(c_files) $(h_files)

format-check: ## fails where clang-format would change something
	$(Q)printf '%s\n' $(c_files) $(h_files) | xargs -r -P $(JOBS) -n 16 clang-format --dry-run -Werror

.PHONY: clang sanitize asan tsan
clang: ## everything compiles without a warning under clang too
	$(Q)$(MAKE) --no-print-directory CC=clang everything

sanitize: ## asan, then tsan
	$(Q)$(MAKE) --no-print-directory asan
	$(Q)$(MAKE) --no-print-directory tsan

asan: ## all tests under the address, leak and undefined behaviour sanitizers
	$(Q)$(MAKE) --no-print-directory VARIANT=asan suite_flags='--timeout 600' run-tests

tsan: ## golden and system tests under the thread sanitizer
	$(Q)$(MAKE) --no-print-directory VARIANT=tsan suite_flags='--timeout 600 --no-aslr' run-server-tests

tidy_stamps := $(c_files:%.c=$(BUILD)/tidy/%.ok)
.PHONY: tidy cppcheck analyze
tidy: ## clang-tidy: bugs, names, functions of at most 50 lines; FIX=1 repairs what it can
	$(Q)$(MAKE) --no-print-directory -k tidied
.PHONY: tidied
tidied: $(tidy_stamps)

$(tidy_stamps): $(BUILD)/tidy/%.ok: %.c .clang-tidy
	$(Q)mkdir -p $(@D)
	$(Q)$(say) TIDY $<
	$(Q)clang $(base_flags) $(package_flags) -MM -MP -MT $@ -MF $(@:.ok=.d) $<
	$(Q)clang-tidy --quiet $(if $(FIX),--fix) $< -- $(base_flags) $(package_flags) >$(@:.ok=.log) 2>&1 || { cat $(@:.ok=.log); exit 1; }
	$(Q)touch $@

-include $(tidy_stamps:.ok=.d)

# ctuuninitvar: it overlooks members that the caller did set; the compilers and clang-tidy look for those.
# It also cannot read a bare compound literal behind a `?`: parentheses around it help.
cppcheck: ## cppcheck's warnings, portability and performance
	$(Q)mkdir -p $(BUILD)/cppcheck
	$(Q)cppcheck -q -j $(JOBS) --cppcheck-build-dir=$(BUILD)/cppcheck --std=c11 --inline-suppr --error-exitcode=1 \
	    --enable=warning,performance,portability --suppress=missingIncludeSystem --suppress=unmatchedSuppression --suppress=ctuuninitvar \
	    -D_GNU_SOURCE -Iinclude -Itests -Isrc $(c_files)

analyze: ## gcc -fanalyzer over what is shipped
	$(Q)$(MAKE) --no-print-directory -k VARIANT=analyze CC=gcc analyzed
.PHONY: analyzed
analyzed: $(foreach f,core io webhook agent kubectl,$(call folder_objects,src/$(f))) $(call folder_objects,certs)

# An assert() has a branch that only a mistake of ours takes.
gcovr = gcovr --root . --filter src/core/ --exclude-branches-by-pattern '.*\bassert\(.*' \
    --exclude-unreachable-branches $(BUILD)/coverage/src/core
.PHONY: coverage shellcheck yamllint catalogue-check alerts stacks-check
coverage: ## lines and branches of src/core that unit and golden tests reach; fails under 95 % and 85 %
	$(Q)find $(BUILD)/coverage -name '*.gcda' -delete 2>/dev/null || true
	$(Q)$(MAKE) --no-print-directory VARIANT=coverage CC=gcc suite_flags='--timeout 600' run-quick-tests
	$(Q)$(gcovr) --branches
	$(Q)$(gcovr) --print-summary --fail-under-line 95 --fail-under-branch 85

shellcheck: ## every shell script
	$(Q).ci/scripts | xargs -r shellcheck

yamllint: ## every YAML file, golden cases excepted
	$(Q)yamllint -s .

catalogue-check: $(BUILD)/python/installed ## config/instance-types.yaml against a second record of EC2's API
	$(Q)PYTHONPATH=$(BUILD)/python python3 -B config/check-instance-types.py

alerts: ## promtool (Debian package prometheus) checks the alert rules and plays series against them
	$(Q)promtool check rules deploy/chart/*/rules/*.yaml
	$(Q)promtool test rules tests/alerts/*.yaml

stacks-check: $(BUILD)/cfn-lint/installed ## deploy/cluster's CloudFormation against AWS's resource schemas, by cfn-lint
	$(Q)PYTHONPATH=$(BUILD)/cfn-lint $(BUILD)/cfn-lint/bin/cfn-lint --ignore-checks $(not_in_a_region) -- \
	    deploy/cluster/cloudformation/*.yaml deploy/cluster/types/*/nodes.yaml
not_in_a_region := E3628 # whether us-east-1, where cfn-lint believes to be, has the instance type

$(BUILD)/cfn-lint/installed: tests/requirements-stacks.txt
	$(Q)rm -rf $(@D) && mkdir -p $(@D)
	$(Q)python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-deps --target $(@D) -r $<
	$(Q)touch $@

$(BUILD)/python/installed: tests/requirements.txt
	$(Q)rm -rf $(@D) && mkdir -p $(@D)
	$(Q)python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-deps --target $(@D) -r $<
	$(Q)touch $@

.PHONY: fuzz run-fuzz bench
fuzz: ## run every fuzz target for FUZZ_SECONDS (60), regression files first; F=json runs one
	$(Q)$(MAKE) --no-print-directory VARIANT=fuzz run-fuzz
run-fuzz: $(filter $(OUT)/tests/fuzz/fuzz_$(or $(F),%),$(fuzzers))
	$(Q).ci/fuzz $(BUILD)/fuzz $(or $(FUZZ_SECONDS),60) $^

bench: $(binaries) $(benches) ## run the benchmarks, one after the other
	$(Q)for bench in $(benches); do EFA_BIN=$(abspath $(BIN)) $$bench || exit 1; done

.PHONY: ci
ci: ## all gates in order, each with its time; .ci/run does this on a fresh machine
	$(Q)MAKE='$(MAKE)' .ci/gates

## Trying it out

.PHONY: certs run demo
certs: $(BIN)/efa-dev-certs ## development certificates into certs/dev, with our own code
	$(Q)$(BIN)/efa-dev-certs certs/dev

run: ## install what is missing, build, and serve on loopback with a real review's patch shown
	$(Q).ci/install-packages
	$(Q)$(MAKE) --no-print-directory all certs
	$(Q)exec sh deploy/demo.sh keep

demo: ## the same, but stops when the patch is shown
	$(Q).ci/install-packages
	$(Q)$(MAKE) --no-print-directory all certs
	$(Q)exec sh deploy/demo.sh once

.PHONY: cluster-files
cluster-files: ## write the files of deploy/cluster that hold counts, from the catalogue and the policy
	$(Q)python3 -B deploy/cluster/generate.py

.PHONY: manifests image
manifests: ## deploy/kustomize anew from the charts in deploy/chart, by helm (HELM=, on PATH, or built with Go)
	$(Q)deploy/render.py $(HELM)

image: ## the container images, by docker, podman or buildah: REGISTRY=registry.example.com/team
	$(Q)deploy/image.sh $(REGISTRY)

.PHONY: install clean help
install: all ## programs to $(DESTDIR)$(PREFIX)/bin, configuration to $(PREFIX)/share/efa-injector
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/efa-injector
	install -m 755 $(filter $(installed:%=$(BIN)/%),$(binaries)) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(wildcard config/*.yaml) $(DESTDIR)$(PREFIX)/share/efa-injector

clean: ## remove everything that was built
	rm -rf $(BUILD)

help: ## this list
	$(Q)echo 'make TARGET   (libmicrohttpd 0.9.75 or later, 1.x included; gcc 12 and clang 14 are kept free of warnings)'
	$(Q)sed -n -e 's/^## \(.*\)/\n\1/p' -e 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 19

.PHONY: FORCE
FORCE:
