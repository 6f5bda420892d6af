package simulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"bauta/webhook/simulator"
)

func TestLimitsOnRequest(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *simulator.GraphOptions) { o.PairLimit = true })
	r.wrote(t, ada())
	for i := range 45 {
		if got := r.message(t, text(toAda, "Hi")); got.status != 200 {
			t.Fatalf("message %d: %s", i, got.body)
		}
	}
	if got := r.message(t, text(toAda, "Hi")); got.code() != 131056 {
		t.Errorf("the 46th at once: %s", got.body)
	}
	r.later(6 * time.Second)
	if got := r.message(t, text(toAda, "Hi")); got.status != 200 {
		t.Errorf("6 seconds later: %s", got.body)
	}
	busy := newRig(t, func(o *simulator.GraphOptions) { o.Throughput = 2 })
	busy.wrote(t, ada())
	codes := fmt.Sprint(busy.message(t, text(toAda, "1")).code(), busy.message(t, text(toAda, "2")).code(), busy.message(t, text(toAda, "3")).code())
	if codes != "0 0 130429" {
		t.Errorf("three within a second of which two may: %s", codes)
	}
}

func TestItFailsOnRequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mode  simulator.Mode
		tells func(status int, body []byte, err error) bool
	}{
		"garbage": {simulator.Garbage, func(status int, body []byte, err error) bool {
			return status == 200 && !json.Valid(body) && err == nil
		}},
		"cut":    {simulator.Cut, func(status int, body []byte, err error) bool { return status == 200 && err != nil && len(body) > 0 }},
		"slow":   {simulator.Slow, func(_ int, body []byte, err error) bool { return err != nil && len(body) < 3 }},
		"silent": {simulator.Silent, func(status int, _ []byte, _ error) bool { return status == 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			r.graph.Fail(c.mode)
			client := &http.Client{Timeout: 300 * time.Millisecond, Transport: &http.Transport{DisableKeepAlives: true}}
			request, err := http.NewRequestWithContext(t.Context(), "GET", r.url+"/v25.0/"+numberID+"?access_token="+token, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			status, body := 0, []byte(nil)
			response, err := client.Do(request)
			if err == nil {
				status = response.StatusCode
				body, err = io.ReadAll(response.Body)
				_ = response.Body.Close()
			}
			if !c.tells(status, body, err) {
				t.Errorf("answered %d %q, error %v", status, body, err)
			}
			r.graph.Fail("")
			if got := r.do(t, "GET", "/v25.0/"+numberID, ""); got.status != 200 {
				t.Errorf("healed, it answers %d", got.status)
			}
		})
	}
}
