SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

FUZZTIME ?= 10s
BENCH ?= .
BENCHCOUNT ?= 5
BENCHTIME ?= 200ms
BENCHOUT ?= bench.txt
SPEEDROUNDS ?= 5
MANY ?= 100,10000,1000000
BUSINESSES ?= 1,100,1000
SEED ?= 1
ROUNDS ?= 5
CHAOSOUT ?= chaos.md
CUSTOMERS ?= 1000000
EVENTS ?= 10
GOLANGCI ?= v2.15.0
STATICCHECK ?= v0.8.2
GOVULNCHECK ?= v1.9.0
# Statements of these must be covered to this percentage, each package by itself.
COVERED := ./masking/... ./webhook/meta/... ./webhook/outbound/...
COVERAGE ?= 95

# stage runs a command under a heading and says how long it took.
define stage
	@begun=$$(date +%s); echo "== $(1)"; $(2); echo "== $(1): $$(( $$(date +%s) - begun )) s"
endef

# MEDIANS is awk: of the lines of go test -bench, one line a benchmark with the
# median time, the last bytes and allocations, and round trips where they are counted.
define MEDIANS
/^pkg: / { pkg = substr($$2, 7) }
/^Benchmark.*ns\/op/ {
	name = pkg " " substr($$1, 10)
	if (!(name in runs)) order[++names] = name
	run = ++runs[name]
	for (i = 3; i < NF; i++) {
		if ($$(i + 1) == "ns/op") {
			for (j = run; j > 1 && ns[name, j - 1] > $$i + 0; j--) ns[name, j] = ns[name, j - 1]
			ns[name, j] = $$i + 0
		} else last[name, $$(i + 1)] = $$i
	}
}
END {
	printf "%-72s %12s %10s %9s %8s\n", "benchmark", "ns/op", "B/op", "allocs/op", "trips/op"
	for (k = 1; k <= names; k++) {
		name = order[k]
		printf "%-72s %12.1f %10s %9s %8s\n", name, ns[name, int((runs[name] + 1) / 2)], last[name, "B/op"], last[name, "allocs/op"], last[name, "trips/op"]
	}
}
endef
export MEDIANS

.PHONY: help check test short e2e fuzz chaos bench speed speed-scale benchmarks bench-memory cover lint static fmt fmt-check tidy-check vuln build release deploy-check cross tools

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "%-11s %s\n", $$1, $$2}'

check: fmt-check tidy-check lint test ## what must pass before a change goes in

test: tools ## vet and all tests, with the race detector
	$(call stage,go vet,go vet ./...)
	$(call stage,go test -race,go test -race -shuffle=on -timeout 20m ./...)

short: ## unit tests without the race detector and without e2e
	$(call stage,go test -short,go test -short -shuffle=on $$(go list ./... | grep -v /e2e))

e2e: tools ## the whole program against a real Redis
	$(call stage,e2e,go test -race -shuffle=on -timeout 15m ./e2e/...)

# A fuzzer whose time ends while a worker is busy may report "context deadline
# exceeded" as a failure without an input (golang/go#75804): that one is run again.
fuzz: ## every fuzz target for FUZZTIME each
	@log=$$(mktemp); trap 'rm -f "$$log"' EXIT; targets=$$(go test -list '^Fuzz' ./... | awk '/^Fuzz/ {names[++n] = $$1; next} $$1 == "ok" {for (i = 1; i <= n; i++) print $$2, names[i]; n = 0}'); \
	[ -n "$$targets" ] || { echo "no fuzz target was found"; exit 1; }; \
	while read -r package name; do \
		echo "== $$name in $$package, $(FUZZTIME)"; \
		for try in 1 2 3; do \
			if go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x "$$package" 2>&1 | tee "$$log"; then \
				grep -qE '(baseline coverage|seed corpus): 0/[1-9]' "$$log" && continue 2; echo "$$name has no seeds"; exit 1; \
			fi; \
			grep -q '^ *context deadline exceeded$$' "$$log" && ! grep -q 'Failing input' "$$log" || exit 1; \
			echo "== $$name: the fuzzer was stopped by its own clock and found nothing; again"; \
		done; exit 1; \
	done <<< "$$targets"

chaos: tools ## the fault suite, ROUNDS strikes a fault; prints the table of the documentation
	$(call stage,chaos,CHAOS_SEED=$(SEED) CHAOS_ROUNDS=$(ROUNDS) CHAOS_TABLE=$(abspath $(CHAOSOUT)) go test ./e2e -count=1 -run '^TestFaults$$' -timeout 120m -parallel 4 && cat $(CHAOSOUT))

bench: speed benchmarks ## what Bauta costs beside the floor, and every benchmark

speed: tools build ## Bauta and the least that could do the same, SPEEDROUNDS times in turn: a table of figures and ratios
	$(call stage,speed,go run ./e2e/speed -bauta bin/bauta -rounds $(SPEEDROUNDS))

speed-scale: tools build ## that an event costs the same among MANY customers with waiting lanes and among BUSINESSES; a million take an hour
	$(call stage,scale,go run ./e2e/speed -bauta bin/bauta -rounds $(SPEEDROUNDS) -events 3000 -many $(MANY) -businesses $(BUSINESSES))

benchmarks: tools ## every benchmark BENCHCOUNT times, and a table of medians; runs are kept in BENCHOUT for benchstat
	$(call stage,benchmarks,go test -p 1 -vet=off -run '^$$' -bench '$(BENCH)' -benchmem -benchtime $(BENCHTIME) -count $(BENCHCOUNT) \
		$$(grep -rl --include='*_test.go' '^func Benchmark' . | xargs -n 1 dirname | sort -u) > $(BENCHOUT) || { cat $(BENCHOUT); exit 1; })
	@awk "$$MEDIANS" $(BENCHOUT)

bench-memory: tools ## memory and traffic of Redis for each customer and event; CUSTOMERS with EVENTS each
	MEMORY_CUSTOMERS=$(CUSTOMERS) MEMORY_EVENTS=$(EVENTS) go test ./e2e -run '^$$' -bench '^Benchmark(Memory|Traffic)$$' -benchtime 1x -timeout 120m

cover: ## statement coverage of the privacy core; fails below COVERAGE percent
	$(call stage,coverage,go test -covermode=set -coverprofile=cover.out -coverpkg=$$(go list $(COVERED) | paste -sd, -) $(COVERED))
	@awk 'NR > 1 { key = $$1; size[key] = $$2; if ($$3 > 0) hit[key] = 1 } \
		END { for (key in size) { name = key; sub(/\/[^\/]*$$/, "", name); all[name] += size[key]; if (key in hit) done[name] += size[key] } \
		for (name in all) { part = 100 * done[name] / all[name]; low = part < $(COVERAGE); bad += low; printf "%6.1f %% %s%s\n", part, name, low ? "  below $(COVERAGE) %" : "" } \
		exit bad > 0 }' cover.out

lint: ## golangci-lint as pinned; built when it is not there, which takes minutes
	@if golangci-lint version 2>/dev/null | grep -q "version $(GOLANGCI:v%=%) "; then golangci-lint run ./...; \
	else go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI) run ./...; fi

static: ## staticcheck as pinned: the part of lint that is quick to build
	$(call stage,staticcheck,go run honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK) ./...)

fmt: ## format the code
	gofmt -w .

fmt-check: ## fail on code that is not formatted
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "not formatted (make fmt):"; echo "$$unformatted"; exit 1; }

tidy-check: ## fail on a go.mod that is not tidy
	go mod tidy -diff
	cd deploy && go mod tidy -diff

vuln: ## known vulnerabilities in what is linked in; needs vuln.go.dev
	go run golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK) ./...

build: ## a static binary in bin/
	CGO_ENABLED=0 go build -trimpath -o bin/bauta ./cmd/bauta

release: ## archives for all platforms with manuals, completions, licences, bills of materials and checksums, in dist/
	@[ ! -e dist ] || { echo "dist/ is there already: remove it first"; exit 1; }
	$(call stage,release,cd deploy && go run ./release -out ../dist)

# Both are of the module in deploy/, so that the program's own needs stay few.
deploy-check: ## what is in deploy/ against the definitions of those who read it; a release of this platform, twice
	@command -v systemd-analyze > /dev/null || { echo "missing: systemd; installing with apt-get"; apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends systemd; }
	$(call stage,deploy,cd deploy && go vet ./... && go test ./...)
	$(call stage,systemd,systemd-analyze security --offline=true --no-pager --threshold=15 deploy/systemd/bauta.service > /dev/null && \
		unit=$$(mktemp -d)/bauta.service && sed 's#=/usr/local/bin/bauta#=/bin/true#' deploy/systemd/bauta.service > $$unit && systemd-analyze verify $$unit && rm -r $$(dirname $$unit))

cross: ## that the program builds for the other systems
	$(call stage,Windows,CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go build -o /dev/null ./cmd/bauta)
	$(call stage,macOS,CGO_ENABLED=0 GOOS=darwin GOARCH=arm64 go build -o /dev/null ./cmd/bauta)

# Tests start their own servers; the one that Debian would start is not wanted.
# curl and npm are for the proofs of README's "Connect your CRM", jq and openssl for
# those of PRIVACY.md, promtool (of Debian's prometheus) for the alerts; the pages are
# looked at in chromium.
tools:
	@missing=""; \
	for program in redis-server curl npm jq openssl faketime chromium; do command -v $$program > /dev/null || missing="$$missing $$program"; done; \
	command -v promtool > /dev/null || missing="$$missing prometheus"; \
	[ -n "$$missing" ] || exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
		echo "missing:$$missing; installing with apt-get"; \
		apt-get update -qq; \
		RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	else \
		echo "The tests start servers and clients of their own and need these programs in PATH, of which are missing:$$missing"; \
		echo "  Debian, Ubuntu: sudo apt-get install redis-server curl npm jq openssl faketime prometheus chromium"; \
		echo "  Fedora:         sudo dnf install redis curl npm jq openssl libfaketime chromium; promtool is in https://prometheus.io/download"; \
		echo "  macOS:          brew install redis curl node jq openssl coreutils bash libfaketime prometheus chromium"; \
		exit 1; \
	fi
