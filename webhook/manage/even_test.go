package manage_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/manage"
)

// admits lets everybody in: what is behind it has no sockets, which have no place in
// a bubble.
type admits struct{}

func (admits) Check(context.Context, string) (webhook.Grant, error) {
	return webhook.Grant{ID: "1", Business: "acme", Scopes: []string{access.Manage}}, nil
}

// slow takes its time, and then fails unless why is nil.
type slow struct {
	took time.Duration
	why  error
	// left is whether the context ended meanwhile.
	left bool
}

func (s *slow) pass(ctx context.Context) error {
	select {
	case <-time.After(s.took):
		return s.why
	case <-ctx.Done():
		s.left = true
		return ctx.Err()
	}
}

func (s *slow) View(ctx context.Context, _ *webhook.Business, _ string) (webhook.Seen, error) {
	return webhook.Seen{}, s.pass(ctx)
}

func (s *slow) Withdraw(ctx context.Context, _ *webhook.Business, _, _, _ string) (webhook.Seen, error) {
	return webhook.Seen{}, s.pass(ctx)
}

func (s *slow) Request(context.Context, *webhook.Business, string, string) (webhook.Seen, error) {
	return webhook.Seen{}, &webhook.LatelyError{Wait: 90 * time.Minute}
}

// bare is a rig without a store of tokens and keys.
func bare(tb testing.TB, change ...func(*manage.Options)) *rig {
	tb.Helper()
	set, err := keys.Generate()
	if err != nil {
		tb.Fatal(err)
	}
	r := &rig{
		log: &text{}, registry: prometheus.NewRegistry(), handles: masking.NewHandles(set), lists: newLists(), stock: newStock(), prf: set, madeUp: true,
		bearers: map[string]string{ofAcme: "token-of-acme"}, tokens: &breakable{Checker: admits{}}, kept: &breakable{},
	}
	r.build(tb, change...)
	return r
}

// How long a refusal takes must not tell how much there was to look up.
func TestRefusalsTakeMultiplesOfATime(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		handle     bool
		why        error
		took, want time.Duration
		status     int
	}{
		{false, nil, 0, 50 * time.Millisecond, 404},
		{true, webhook.ErrUnknownHandle, 0, 50 * time.Millisecond, 404},
		{true, webhook.ErrUnknownHandle, 3 * time.Millisecond, 50 * time.Millisecond, 404},
		{true, webhook.ErrErased, 49 * time.Millisecond, 50 * time.Millisecond, 404},
		{true, webhook.ErrErased, 51 * time.Millisecond, 100 * time.Millisecond, 404},
		{true, webhook.ErrNotHidden, 3 * time.Millisecond, 50 * time.Millisecond, 409},
		{true, webhook.ErrAskNever, 3 * time.Millisecond, 50 * time.Millisecond, 409},
		{true, errors.New("store"), 3 * time.Millisecond, 50 * time.Millisecond, 503},
	} {
		for _, method := range []string{http.MethodGet, http.MethodDelete} {
			synctest.Test(t, func(t *testing.T) {
				s := &slow{took: row.took, why: row.why}
				r := bare(t, func(o *manage.Options) { o.Decisions = s })
				path := "/v1/customers/" + number
				if row.handle {
					path = "/v1/customers/" + r.people.hidden.Phone
				}
				if method == http.MethodDelete {
					path += "/sharing"
				}
				begun := time.Now()
				if got := r.do(t, call{method: method, path: path}); got.status != row.status {
					t.Errorf("%d %s", got.status, got.body)
				}
				if took := time.Since(begun); took != row.want {
					t.Errorf("%v after %v of work took %v, want %v", row.why, row.took, took, row.want)
				}
			})
		}
	}
}

func (s *slow) EraseHandle(ctx context.Context, b *webhook.Business, _, _, _ string) (webhook.Receipt, error) {
	return webhook.Receipt{Business: b.ID}, s.pass(ctx)
}

// Erasing somebody's last scope is more work than erasing another one.
func TestAnErasureTakesAMultipleOfATime(t *testing.T) {
	t.Parallel()
	for took, want := range map[time.Duration]time.Duration{
		3 * time.Millisecond: 50 * time.Millisecond, 40 * time.Millisecond: 50 * time.Millisecond, 70 * time.Millisecond: 100 * time.Millisecond,
	} {
		synctest.Test(t, func(t *testing.T) {
			r := bare(t, func(o *manage.Options) { o.Eraser = &slow{took: took} })
			begun := time.Now()
			if got := r.do(t, call{method: http.MethodDelete, path: "/v1/customers/" + r.people.hidden.Phone}); got.status != http.StatusOK {
				t.Errorf("%d %s", got.status, got.body)
			}
			if all := time.Since(begun); all != want {
				t.Errorf("%v of work took %v, want %v", took, all, want)
			}
		})
	}
}

func TestNobodyWaitsForACallerWhoHasGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slow{took: time.Hour}
		r := bare(t, func(o *manage.Options) { o.Decisions = s })
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		begun := time.Now()
		r.send(r.made(ctx, call{path: "/v1/customers/" + r.people.hidden.Phone}))
		if took := time.Since(begun); took != 10*time.Millisecond || !s.left {
			t.Errorf("it took %v", took)
		}
	})
}

// What was begun is finished.
func TestAWriteOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slow{took: time.Second}
		r := bare(t, func(o *manage.Options) { o.Decisions = s })
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		r.send(r.made(ctx, call{method: http.MethodDelete, path: "/v1/customers/" + r.people.hidden.Phone + "/sharing"}))
		if s.left {
			t.Error("the write was broken off")
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		s.why = errors.New("it was begun")
		begun := time.Now()
		got := r.send(r.made(gone, call{method: http.MethodDelete, path: "/v1/customers/" + r.people.hidden.Phone + "/sharing"}))
		if time.Since(begun) != 0 || got.body != "" {
			t.Errorf("a write for nobody was begun: %s", got.body)
		}
		if bytes.Contains([]byte(r.log.String()), []byte(slog.LevelError.String())) {
			t.Error(r.log.String())
		}
	})
}
