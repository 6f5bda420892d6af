package graph_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bauta/webhook"
	"bauta/webhook/graph"
)

// library answers look-ups of one template's category in each WABA.
type library struct {
	calls    atomic.Int32
	category map[string]string // by WABA; "": it has none, "fail": a 500
	delay    time.Duration
}

func (l *library) RoundTrip(r *http.Request) (*http.Response, error) {
	l.calls.Add(1)
	select {
	case <-time.After(l.delay):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	switch category := l.category[strings.Split(r.URL.Path, "/")[2]]; category {
	case "":
		return answer(200, `{"data":[]}`), nil
	case "fail":
		return answer(500, `{}`), nil
	default:
		return answer(200, `{"data":[{"name":"code","language":"en","category":"`+category+`"}]}`), nil
	}
}

func TestWhichTemplatesGoToNumbersOnly(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		category map[string]string
		delay    time.Duration
		token    string
		want     bool
		// calls at first, after half a minute, after half an hour more and after two.
		calls [4]int32
	}{
		"an authentication template":      {map[string]string{"1": "AUTHENTICATION"}, 0, token, true, [4]int32{1, 1, 1, 2}},
		"one of the second WABA":          {map[string]string{"2": "AUTHENTICATION"}, 0, token, true, [4]int32{2, 2, 2, 4}},
		"one beside a WABA that fails":    {map[string]string{"1": "fail", "2": "AUTHENTICATION"}, 0, token, true, [4]int32{2, 2, 2, 4}},
		"a template of another category":  {map[string]string{"1": "MARKETING"}, 0, token, false, [4]int32{2, 2, 2, 4}},
		"one that does not exist yet":     {nil, 0, token, false, [4]int32{2, 2, 4, 6}},
		"what could not be found out":     {map[string]string{"1": "fail"}, 0, token, false, [4]int32{2, 2, 4, 6}},
		"a business without a token":      {map[string]string{"1": "AUTHENTICATION"}, 0, "", false, [4]int32{}},
		"a slow platform, but not so bad": {map[string]string{"1": "AUTHENTICATION"}, 1900 * time.Millisecond, token, true, [4]int32{1, 1, 1, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &library{category: row.category, delay: row.delay}
				templates := graph.NewTemplates(newClient(t, l.RoundTrip), func(string) string { return row.token })
				business := &webhook.Business{ID: "acme", WABAs: []string{"1", "2"}}
				for i, wait := range []time.Duration{0, 30 * time.Second, 30 * time.Minute, 2 * time.Hour} {
					time.Sleep(wait) // virtual: the synctest bubble's clock
					if got := templates.NumberOnly(t.Context(), business, "code", "en"); got != row.want {
						t.Errorf("after %v: %v, want %v", wait, got, row.want)
					}
					if l.calls.Load() != row.calls[i] {
						t.Errorf("after %v: %d calls, want %d", wait, l.calls.Load(), row.calls[i])
					}
				}
			})
		})
	}
}

func TestASlowLookUpIsSharedAndNotWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &library{category: map[string]string{"1": "AUTHENTICATION"}, delay: 5 * time.Second}
		templates := graph.NewTemplates(newClient(t, l.RoundTrip), func(string) string { return token })
		business := &webhook.Business{ID: "acme", WABAs: []string{"1"}}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan bool)
		for range 10 {
			go func() { done <- templates.NumberOnly(ctx, business, "code", "en") }()
		}
		started := time.Now()
		for range 10 {
			if <-done {
				t.Error("known before it was answered")
			}
		}
		if took := time.Since(started); took != 2*time.Second || l.calls.Load() != 1 {
			t.Errorf("%d calls, %v, want 1 and 2s", l.calls.Load(), took)
		}
		cancel()
		if templates.NumberOnly(ctx, business, "code", "en") {
			t.Error("a caller that went away was told")
		}
		time.Sleep(4 * time.Second) // virtual
		if !templates.NumberOnly(t.Context(), business, "code", "en") || l.calls.Load() != 1 {
			t.Errorf("the answer that came late is not used: %d calls", l.calls.Load())
		}
		if templates.NumberOnly(t.Context(), &webhook.Business{ID: "other", WABAs: []string{"2"}}, "code", "en") {
			t.Error("another business got the answer")
		}
		time.Sleep(time.Minute) // virtual: until that look-up ends
	})
}
