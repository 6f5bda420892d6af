package embedded_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/embedded"
)

func TestTheEmbeddedStoreSaysSoAndItsClockRuns(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	store, err := embedded.Open(t.Context(), redis.Options{Logger: slog.New(slog.NewTextHandler(&logged, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	if !strings.Contains(logged.String(), "not for production") {
		t.Errorf("the log does not say that the store is embedded: %s", logged.String())
	}
	if r := store.Do(t.Context(), redis.Command("SET", "bauta:ad:acme:1", "x", "PX", 30)); r.Err != nil {
		t.Fatal(r.Err)
	}
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(5 * time.Second)
	for {
		_, there, err := store.Do(t.Context(), redis.Command("GET", "bauta:ad:acme:1")).Text()
		if err != nil {
			t.Fatal(err)
		}
		if !there {
			return
		}
		select {
		case <-deadline:
			t.Fatal("a key with a period of 30 ms is still there")
		case <-ticker.C:
		}
	}
}
