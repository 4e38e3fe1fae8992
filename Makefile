# Fairlead's build. `make` after script/bootstrap builds build/fairlead and build/share.
#
#   make                     the program, optimized and hardened
#   make VARIANT=asan        with AddressSanitizer and UndefinedBehaviorSanitizer
#   make VARIANT=tsan        with ThreadSanitizer
#   make VARIANT=coverage    counting lines and branches
#   make VARIANT=plain       quickly built, without sanitizers: what runs under a clock of the test's own
#   make VARIANT=fuzz fuzz   fuzz targets (clang, libFuzzer)
#   make VARIANT=asan unit   every unit test program, into build/asan/tests
#   make BUILD=elsewhere     another build folder
#   make V=1                 show every command
#   make help                all targets

VARIANT ?= release
BUILD   ?= build
CC      := $(if $(filter default undefined,$(origin CC)),gcc,$(CC))
OUT     := $(BUILD)/$(VARIANT)
PROGRAM := $(if $(filter release,$(VARIANT)),$(BUILD)/fairlead,$(OUT)/fairlead)
SHARE   := $(BUILD)/share

PACKAGES := libmicrohttpd libcmark libqrencode sqlite3 json-c libzip expat libsodium libutf8proc libcurl zlib liboath libical libpq libturbojpeg
LIBRARIES := $(shell pkg-config --libs $(PACKAGES)) -lcsv -lstemmer -lpthread -lm
# Say the short form of a command; V=1 says the whole.
QUIET = $(if $(V),,@printf '  %-8s %s\n' '$(1)' '$(patsubst $(BUILD)/%,%,$@)';)

WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes \
            -Wformat=2 -Wundef -Wpointer-arith -Wcast-qual -Wwrite-strings -Werror
HARDENED := -fstack-protector-strong -fPIE -D_GNU_SOURCE
LINKED   := -pie -Wl,-z,relro,-z,now,-z,noexecstack

# gcc optimizes the whole program when it links, in one piece: a fifth more requests a second. It then warns of values
# that a function leaves untouched when it fails, so that one warning is left to the other variants and the analyzers.
WHOLE          := $(if $(findstring clang,$(CC)),,-flto=auto -flto-partition=one -Wno-maybe-uninitialized)
FLAGS_release  := -O2 -g -D_FORTIFY_SOURCE=2 $(WHOLE)
FLAGS_asan     := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
                  -fno-sanitize-recover=all -DFAIRLEAD_DEBUG_ARENA
FLAGS_tsan     := -O1 -g -fsanitize=thread
FLAGS_coverage := -O0 -g --coverage -fprofile-update=atomic
FLAGS_plain    := -O1 -g
FLAGS_fuzz     := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined,fuzzer-no-link \
                  -fno-sanitize-recover=all -DFAIRLEAD_DEBUG_ARENA
ifeq ($(VARIANT),fuzz)
CC := clang
endif
FLAGS := -std=gnu17 $(WARNINGS) $(HARDENED) $(FLAGS_$(VARIANT)) -Isrc \
         $(shell pkg-config --cflags $(PACKAGES)) $(EXTRA_FLAGS)

SOURCES   := $(sort $(wildcard src/*/*.c src/*/*/*.c))
MAIN      := src/cli/main.c
OBJECTS   := $(patsubst %.c,$(OUT)/%.o,$(filter-out $(MAIN),$(SOURCES)))
UNIT      := $(patsubst %.c,$(OUT)/%,$(sort $(wildcard tests/unit/test_*.c)))
DRIVERS   := $(patsubst %.c,$(OUT)/%,$(sort $(wildcard tests/*/*_driver.c)))
FUZZERS   := $(patsubst %.c,$(OUT)/%,$(sort $(wildcard fuzz/fuzz_*.c)))
BENCHES   := $(patsubst %.c,$(OUT)/%,$(sort $(wildcard bench/bench_*.c)))
# Peers are measured where their libraries are installed.
LUCENE    := $(firstword $(wildcard /usr/share/java/lucene-core-8.*.jar))
PEERS     := $(if $(shell pkg-config --exists xapian-core && command -v g++),,xapian) \
             $(if $(and $(LUCENE),$(shell command -v javac 2>/dev/null)),,lucene)
BENCHES   := $(filter-out $(patsubst %,$(OUT)/bench/bench_%,$(PEERS)),$(BENCHES))

.PHONY: all program share unit drivers fuzz bench clean help
.SECONDARY:
all: program share          ## the program and what it reads (the default)
program: $(PROGRAM)

$(PROGRAM): $(OUT)/$(MAIN:.c=.o) $(OUT)/libfairlead.a
	@mkdir -p $(@D)
	$(call QUIET,LINK)$(CC) $(FLAGS) $(LINKED) -o $@ $< $(OUT)/libfairlead.a $(LIBRARIES)

$(OUT)/libfairlead.a: $(OBJECTS)
	@rm -f $@
	@$(if $(WHOLE),gcc-ar,ar) rcs $@ $(OBJECTS)

$(OUT)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call QUIET,CC)$(CC) $(FLAGS) -MMD -MP -c -o $@ $<

unit: $(UNIT)               ## unit test programs
$(OUT)/tests/unit/%: $(OUT)/tests/unit/%.o $(OUT)/libfairlead.a
	$(call QUIET,LINK)$(CC) $(FLAGS) $(LINKED) -o $@ $(filter %.o,$^) $(OUT)/libfairlead.a $(LIBRARIES) -lcmocka

drivers: $(DRIVERS)         ## programs that golden and HTTP tests drive (tests/*/*_driver.c)
$(OUT)/tests/%_driver: $(OUT)/tests/%_driver.o $(OUT)/libfairlead.a
	$(call QUIET,LINK)$(CC) $(FLAGS) $(LINKED) -o $@ $< $(OUT)/libfairlead.a $(LIBRARIES)

fuzz: $(FUZZERS)            ## fuzz targets (VARIANT=fuzz)
$(OUT)/fuzz/%: $(OUT)/fuzz/%.o $(OUT)/libfairlead.a
	$(call QUIET,LINK)$(CC) $(FLAGS) $(LINKED) -fsanitize=fuzzer -o $@ $< $(OUT)/libfairlead.a $(LIBRARIES)

bench: $(BENCHES)           ## benchmark programs
$(OUT)/bench/%: $(OUT)/bench/%.o $(OUT)/libfairlead.a
	$(call QUIET,LINK)$(CC) $(FLAGS) $(LINKED) -o $@ $(filter %.o,$^) $(OUT)/libfairlead.a $(LIBRARIES) $(BENCH_LIBRARIES)

# Made-up directories and the naive scan, which is both the bar and the oracle.
$(BENCHES) $(OUT)/tests/unit/test_search_oracle: $(OUT)/bench/generate.o $(OUT)/bench/naive.o $(OUT)/bench/naive_words.o
$(BENCHES): $(OUT)/bench/world.o
$(OUT)/bench/bench_people $(OUT)/bench/bench_beds: $(OUT)/bench/bare.o
$(OUT)/bench/bench_xapian: $(OUT)/bench/xapian.o
$(OUT)/bench/bench_xapian: BENCH_LIBRARIES = $(shell pkg-config --libs xapian-core) -lstdc++
$(OUT)/bench/bench_lucene.o: FLAGS += -DLUCENE_CLASS_PATH='"$(LUCENE):$(OUT)/bench/lucene"'
$(OUT)/bench/bench_lucene: | $(OUT)/bench/lucene/Peer.class
$(OUT)/bench/lucene/Peer.class: $(wildcard bench/lucene/*.java)
	@mkdir -p $(@D)
	$(call QUIET,JAVAC)javac -Xlint:all -Werror -encoding UTF-8 -cp $(LUCENE) -d $(@D) $^
$(OUT)/bench/xapian.o: bench/xapian.cc bench/xapian.h Makefile
	@mkdir -p $(@D)
	$(call QUIET,CXX)g++ -std=c++17 -O2 -g -fPIE -Wall -Wextra -Werror -c -o $@ $<

# --- What the program reads when it runs: knowledge, pages, messages, migrations, places, assets.
PLAIN  := $(foreach f,knowledge pages locale migrations,$(shell find $(f) -type f 2>/dev/null))
COPIES := $(patsubst %,$(SHARE)/%,$(PLAIN))
STALE  := $(filter-out $(COPIES),$(foreach f,knowledge pages locale migrations,$(shell find $(SHARE)/$(f) -type f 2>/dev/null)))
$(if $(STALE),$(shell rm -f $(STALE)))
share: $(COPIES) $(SHARE)/places.tsv $(SHARE)/outlines.tsv $(SHARE)/assets/manifest.json   ## build/share
$(COPIES): $(SHARE)/%: %
	@mkdir -p $(@D)
	@cp $< $@
$(SHARE)/places.tsv: script/build/places.mjs $(wildcard knowledge/place-*.csv) package-lock.json node_modules/.package-lock.json
	@mkdir -p $(@D)
	$(call QUIET,BUILD)node script/build/places.mjs $@
$(SHARE)/outlines.tsv: script/build/outlines.mjs package-lock.json node_modules/.package-lock.json
	@mkdir -p $(@D)
	$(call QUIET,BUILD)node script/build/outlines.mjs $@
$(SHARE)/assets/manifest.json: $(shell find assets script/build -type f 2>/dev/null) package-lock.json node_modules/.package-lock.json
	@mkdir -p $(@D)
	$(call QUIET,BUILD)node script/build/assets.mjs $(SHARE)/assets
node_modules/.package-lock.json: package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

clean:                      ## remove the build folder
	rm -rf $(BUILD)
help:                       ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */  \1\t/' | expand -t 14

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
