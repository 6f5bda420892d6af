package graph_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"bauta/webhook/graph"
)

func TestAnObjectsBreakerOpensAndHalfOpens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls, broken := 0, true
		hold := make(chan struct{})
		c := newClient(t, func(r *http.Request) (*http.Response, error) {
			calls++
			if r.URL.Path != "/v25.0/"+phoneID+"/messages" {
				return answer(200, "{}"), nil
			}
			if broken {
				return answer(503, refused(2)), nil
			}
			<-hold
			return answer(200, "{}"), nil
		})
		for range 5 {
			if _, err := c.Call(t.Context(), send()); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(5 * time.Second) // virtual: the synctest bubble's clock
		_, err := c.Call(t.Context(), send())
		wantKind(t, err, graph.BreakerOpen)
		wantSent(t, err, false)
		var fault *graph.Error
		if errors.As(err, &fault); fault.RetryAfter != 10*time.Second || calls != 5 {
			t.Errorf("after %v and %d calls, want 10s of 15 left, and 5", fault.RetryAfter, calls)
		}
		other := send()
		other.Object = "1"
		if _, err := c.Call(t.Context(), other); err != nil {
			t.Errorf("another number waits: %v", err)
		}

		time.Sleep(11 * time.Second) // virtual
		broken = false
		probe := make(chan error)
		go func() {
			_, err := c.Call(t.Context(), send())
			probe <- err
		}()
		synctest.Wait()
		_, err = c.Call(t.Context(), send())
		wantKind(t, err, graph.BreakerOpen)
		if errors.As(err, &fault); fault.RetryAfter != time.Second {
			t.Errorf("while one is let through: after %v, want 1s", fault.RetryAfter)
		}
		close(hold)
		if err := <-probe; err != nil {
			t.Error(err)
		}
		if _, err := c.Call(t.Context(), send()); err != nil || calls != 8 {
			t.Errorf("after the probe: %v, %d calls", err, calls)
		}
	})
}

// TestWhatOpensABreaker: the platform's failures do, a business's own faults never.
func TestWhatOpensABreaker(t *testing.T) {
	t.Parallel()
	far := func(status int, body string) trip {
		return func(*http.Request) (*http.Response, error) { return answer(status, body), nil }
	}
	rows := map[string]struct {
		far   trip
		opens bool
	}{
		"a 5xx page":                        {far(502, "<html>"), true},
		"a 5xx without a body":              {far(500, ""), true},
		"a 5xx with an unknown code":        {far(500, refused(999999)), true},
		"a redirect":                        {far(302, "{}"), true},
		"a broken connection":               {cut, true},
		"no connection":                     {unconnected, true},
		"no answer in time":                 {func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() }, true},
		"a 401 without a body":              {far(401, ""), false},
		"a 404 page":                        {far(404, "<html>"), false},
		"a 429 page":                        {far(429, "<html>"), false},
		"an answer of success":              {far(200, "{}"), false},
		"an answer of success with a code ": {far(200, refused(2)), false},
	}
	for _, code := range []int{1, 2, 131000, 131016, 131057, 133004} {
		rows[fmt.Sprintf("%d, the platform's own, even with a 400", code)] = struct {
			far   trip
			opens bool
		}{far(400, refused(code)), true}
	}
	for _, code := range []int{190, 100, 200, 131047, 131026, 131030, 131049, 131050, 132001, 131056, 130429, 80007, 4, 131048, 368} {
		rows[fmt.Sprintf("%d with a 400", code)] = struct {
			far   trip
			opens bool
		}{far(400, refused(code)), false}
	}
	for _, code := range []int{3, 131037, 131042, 131045, 133010} {
		rows[fmt.Sprintf("%d, the business's own, even with a 500", code)] = struct {
			far   trip
			opens bool
		}{far(500, refused(code)), false}
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, row.far)
				opened := false
				for range 8 {
					r := send()
					_, err := c.Call(t.Context(), r)
					var fault *graph.Error
					opened = opened || errors.As(err, &fault) && fault.Kind == graph.BreakerOpen
				}
				if opened != row.opens {
					t.Errorf("it opened: %v, want %v", opened, row.opens)
				}
			})
		})
	}
}

func TestACallersOwnEndDoesNotOpenABreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		for range 10 {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			_, err := c.Call(ctx, send())
			wantKind(t, err, graph.Canceled)
			wantSent(t, err, true)
			if !errors.Is(err, context.Canceled) {
				t.Error("the caller's cancel cannot be told")
			}
			_, err = c.Call(ctx, send())
			wantKind(t, err, graph.Canceled)
			wantSent(t, err, false)

			ctx, cancel = context.WithTimeout(t.Context(), time.Second)
			_, err = c.Call(ctx, send())
			wantKind(t, err, graph.TooSlow)
			wantSent(t, err, true)
			cancel()
		}
		started := time.Now()
		_, err := c.Call(t.Context(), send())
		wantKind(t, err, graph.TooSlow)
		if took := time.Since(started); took != 15*time.Second {
			t.Errorf("it took %v, want 15s", took)
		}
	})
}

// TestAWaitEndsWithItsCaller: the outcome so far is what comes back.
func TestAWaitEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		c := newClient(t, func(*http.Request) (*http.Response, error) {
			calls++
			return answer(400, refused(131056)), nil
		})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		started := time.Now()
		got, err := c.Call(ctx, send())
		if err != nil || !got.Unsent || calls != 1 || time.Since(started) != time.Second {
			t.Errorf("%v, %v after %d calls and %v", got, err, calls, time.Since(started))
		}
		// A deadline that the wait would pass is not waited for.
		short, stop := context.WithTimeout(t.Context(), 3*time.Second)
		defer stop()
		started = time.Now()
		if _, err := c.Call(short, send()); err != nil || calls != 2 || time.Since(started) != 0 {
			t.Errorf("%v after %d calls and %v", err, calls, time.Since(started))
		}
	})
}

// TestManyObjectsPushNoOpenBreakerOut: what works is not remembered.
func TestManyObjectsPushNoOpenBreakerOut(t *testing.T) {
	t.Parallel()
	c := newClient(t, func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodPost {
			_, _ = io.Copy(io.Discard, r.Body)
			return answer(500, "{}"), nil
		}
		return answer(200, "{}"), nil
	})
	for range 5 {
		if _, err := c.Call(t.Context(), send()); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 10_000 {
		r := graph.Request{Token: token, Object: strconv.Itoa(i), Method: http.MethodGet}
		if _, err := c.Call(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	_, err := c.Call(t.Context(), send())
	wantKind(t, err, graph.BreakerOpen)
}
