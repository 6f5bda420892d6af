package app

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"
)

// What was opened first is closed last, each step within its own time, also after
// one that failed, and once.
func TestTeardown(t *testing.T) {
	t.Parallel()
	var down teardown
	var ended []string
	broken := errors.New("deliveries did not end")
	for _, s := range []struct {
		name   string
		within time.Duration
		err    error
	}{{"store", time.Minute, nil}, {"forwarder", time.Hour, broken}, {"listener", 2 * time.Minute, nil}} {
		down.add(s.within, func(ctx context.Context) error {
			ended = append(ended, s.name)
			if until, ok := ctx.Deadline(); !ok || time.Until(until) > s.within || time.Until(until) < s.within/2 {
				t.Errorf("the %s has until %s", s.name, until)
			}
			return s.err
		})
	}
	if err := down.run(); !errors.Is(err, broken) {
		t.Errorf("error %v, want the forwarder's", err)
	}
	if want := []string{"listener", "forwarder", "store"}; !slices.Equal(ended, want) {
		t.Errorf("ended %v, want %v", ended, want)
	}
	if err := down.run(); err != nil || len(ended) != 3 {
		t.Errorf("a second teardown did something (%v)", err)
	}
}
