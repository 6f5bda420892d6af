package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// subject is a receiver on a store of its own.
type subject struct {
	*process

	store *store
	// url is where webhooks go, metrics where the subject counts what it does, "" if it
	// does not.
	url, metrics string
}

func (s *subject) stop() {
	s.process.stop()
	s.store.stop()
}

const configuration = `listen: "127.0.0.1:0"
admin_listen: "127.0.0.1:0"
log: {level: info, format: json}
redis: {url: "redis://%s", wait_on_start: 10s}
keys: keys.json
apps:
  - id: main
    verify_token: a-verify-token
    app_secrets: ["%s"]
businesses:
`

const businessConfiguration = `  - id: acme%d
    app: main
    wabas: ["%d"]
    sharing: {ask: never}
    hiding: {default: hidden}
    endpoints:
`

const endpointConfiguration = `      - id: %s
        url: "http://%s/"
        secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
        allow_private: true
        allow_http: true
        concurrency: %d
`

// company is who Bauta serves: so many businesses, each with the same endpoints, by id.
type company struct {
	businesses int
	endpoints  map[string]*sink
}

func (c company) configuration(redis string, lanes int) string {
	var text strings.Builder
	fmt.Fprintf(&text, configuration, redis, appSecret)
	for i := range c.businesses {
		fmt.Fprintf(&text, businessConfiguration, i, firstWABA+i)
		for id, to := range c.endpoints {
			fmt.Fprintf(&text, endpointConfiguration, id, to.address(), lanes)
		}
	}
	return text.String()
}

// startBauta serves a company, in a new folder.
func startBauta(ctx context.Context, p plan, folder string, c company) (*subject, error) {
	db, err := startStore(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(folder, "bauta")
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "bauta.yaml")
	if err := os.WriteFile(file, []byte(c.configuration(db.address, p.lanes)), 0o600); err != nil {
		return nil, err
	}
	if out, err := exec.CommandContext(ctx, p.bauta, "keys", "init", "--out", filepath.Join(dir, "keys.json")).CombinedOutput(); err != nil { //nolint:gosec // the binary that is measured
		return nil, fmt.Errorf("bauta keys init: %w: %s", err, out)
	}
	heard := make(chan string, 1)
	s := &subject{store: db}
	s.process, err = start(ctx, func(line []byte) {
		var said struct {
			Msg    string `json:"msg"`
			Public string `json:"public"`
			Admin  string `json:"admin"`
		}
		if json.Unmarshal(line, &said) == nil && said.Msg == "listening" {
			s.metrics = "http://" + said.Admin + "/metrics"
			heard <- said.Public
		}
	}, p.bauta, "serve", "--config", file)
	if err != nil {
		return nil, err
	}
	return s, s.listen(ctx, heard)
}

// startFloor serves the floor's receiver.
func startFloor(ctx context.Context) (*subject, error) {
	db, err := startStore(ctx)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	heard := make(chan string, 1)
	s := &subject{store: db}
	s.process, err = start(ctx, func(line []byte) { heard <- string(line) }, self, "floor-receive", db.address)
	if err != nil {
		return nil, err
	}
	return s, s.listen(ctx, heard)
}

func (s *subject) listen(ctx context.Context, heard <-chan string) error {
	select {
	case address := <-heard:
		s.url = "http://" + address + "/webhooks/main"
		return nil
	case <-s.ended:
		return fmt.Errorf("%s ended before it listened", s.cmd.Path)
	case <-time.After(10 * time.Second):
		return fmt.Errorf("%s does not listen", s.cmd.Path)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// allocations is how many objects the subject has allocated so far, 0 if it does not tell.
func (s *subject) allocations(ctx context.Context) (float64, error) {
	if s.metrics == "" {
		return 0, nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.metrics, http.NoBody)
	if err != nil {
		return 0, err
	}
	client := newClient(1)
	defer client.CloseIdleConnections()
	answer, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		if count, ok := strings.CutPrefix(lines.Text(), "go_memstats_mallocs_total "); ok {
			return strconv.ParseFloat(count, 64)
		}
	}
	return 0, fmt.Errorf("%s counts no allocations", s.metrics)
}
