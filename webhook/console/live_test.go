package console_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bauta/webhook"
	"bauta/webhook/console"
)

// listen opens a stream as a browser does, over a real connection.
func listen(t *testing.T, b *browser, path string) *bufio.Scanner {
	t.Helper()
	server := httptest.NewServer(b.console)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+console.Base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	// What a browser says after a moment without a connection.
	r.Header.Set("Last-Event-ID", "12")
	got, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = got.Body.Close() })
	if got.StatusCode != http.StatusOK {
		t.Fatalf("the stream was answered %d", got.StatusCode)
	}
	lines := bufio.NewScanner(got.Body)
	lines.Buffer(nil, 1<<20)
	return lines
}

// until reads the stream until a line has a text; false at its end.
func until(lines *bufio.Scanner, text string) bool {
	for lines.Scan() {
		if strings.Contains(lines.Text(), text) {
			return true
		}
	}
	return false
}

func TestAnOpenPageShowsWhatChanges(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn(webhook.AllBusinesses)
	lines := listen(t, b, "live/overview/_/6")
	r.desk.wait(991)
	if !until(lines, "998") {
		t.Error("998 events wait, and the open page was not told")
	}
}

func TestAnOpenPageEndsWithTheSession(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn(webhook.AllBusinesses)
	lines := listen(t, b, "live/endpoints/_")
	r.registry.revoke(b.grant)
	if !until(lines, `"how":"reload"`) {
		t.Error("the token was revoked, and the open page was not told to load anew")
	}
	if until(lines, "data:") {
		t.Error("the stream went on after the session")
	}
}

func TestAStreamEndsWhenTheConsoleDoes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	lines := listen(t, r.loggedIn(webhook.AllBusinesses), "live/jobs/_")
	if !until(lines, `"place":"jobs"`) {
		t.Fatal("the stream says nothing of jobs")
	}
	r.console.Close()
	for lines.Scan() {
	}
}
