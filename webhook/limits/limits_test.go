package limits_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"bauta/webhook/limits"
)

// store is as full as a test says.
type store struct {
	servers    []limits.Server
	queues     map[string]limits.Queue
	unfit, err error
	asked      int
}

func (s *store) Servers(context.Context) ([]limits.Server, error, error) {
	return s.servers, s.unfit, s.err
}

func (s *store) Queues(context.Context) (map[string]limits.Queue, error) {
	s.asked++
	return s.queues, s.err
}

func noon() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

func waits(events int64, age time.Duration) limits.Queue {
	return limits.Queue{Events: events, Oldest: noon().Add(-age)}
}

// who tells which of three businesses have to wait, and why.
func who(g *limits.Gate) string {
	var out []string
	for _, b := range []string{"acme", "globex", "initech", ""} {
		var full limits.FullError
		if err := g.Admit(b); errors.As(err, &full) {
			out = append(out, b+":"+full.Business+":"+full.Reason)
		}
	}
	return strings.Join(out, " ")
}

const everybody = "acme:_all:memory globex:_all:memory initech:_all:memory :_all:memory"

func TestWhoHasToWait(t *testing.T) {
	t.Parallel()
	type look struct {
		name  string
		store store
		want  string
	}
	mib := func(used, most int64) []limits.Server { return []limits.Server{{Used: used << 20, Max: most << 20}} }
	queues := func(acme, globex int64) map[string]limits.Queue {
		return map[string]limits.Queue{"acme": waits(acme, time.Minute), "globex": waits(globex, time.Minute)}
	}
	for _, row := range []struct {
		name   string
		limits limits.Limits
		looks  []look
	}{
		{"nothing is limited", limits.Limits{}, []look{
			{"however much waits", store{servers: mib(1<<20, 0), queues: queues(1e9, 1)}, ""},
		}},
		{"events of a business, with hysteresis", limits.Limits{PerBusiness: 100}, []look{
			{"below", store{queues: queues(99, 1)}, ""},
			{"at the limit it waits, and nobody else", store{queues: queues(100, 1)}, "acme:acme:events"},
			{"a little below it still waits", store{queues: queues(90, 1)}, "acme:acme:events"},
			{"another one does not begin there", store{queues: queues(90, 90)}, "acme:acme:events"},
			{"below nine tenths it does not", store{queues: queues(89, 99)}, ""},
			{"and begins at the limit only", store{queues: queues(99, 99)}, ""},
			{"nothing waits any more", store{}, ""},
		}},
		{"age of a business's oldest event, with hysteresis", limits.Limits{Oldest: time.Hour}, []look{
			{"younger", store{queues: map[string]limits.Queue{"acme": waits(1, 59*time.Minute)}}, ""},
			{"as old", store{queues: map[string]limits.Queue{"acme": waits(1, time.Hour), "globex": waits(9, time.Minute)}}, "acme:acme:oldest"},
			{"a little younger", store{queues: map[string]limits.Queue{"acme": waits(1, 54*time.Minute)}}, "acme:acme:oldest"},
			{"young", store{queues: map[string]limits.Queue{"acme": waits(1, 53*time.Minute)}}, ""},
			{"nothing waits", store{queues: map[string]limits.Queue{"acme": {}}}, ""},
		}},
		{"memory: those who fill it first, then all", limits.Limits{RedisBytes: 1000 << 20}, []look{
			{"below nine tenths", store{servers: mib(899, 0), queues: queues(900, 100)}, ""},
			{"from there on whoever has more than its share", store{servers: mib(900, 0), queues: queues(900, 100)}, "acme:acme:memory"},
			{"at the limit everybody", store{servers: mib(1000, 0), queues: queues(900, 100)}, everybody},
			{"a little below still everybody", store{servers: mib(900, 0), queues: queues(900, 100)}, everybody},
			{"then again whoever has more", store{servers: mib(899, 0), queues: queues(900, 100)}, "acme:acme:memory"},
			{"below 81 parts of a hundred nobody", store{servers: mib(809, 0), queues: queues(900, 100)}, ""},
		}},
		{"the server's own bound, before it refuses", limits.Limits{}, []look{
			{"far below", store{servers: mib(800, 1000), queues: queues(900, 100)}, ""},
			{"at 95 of a hundred everybody", store{servers: mib(950, 1000), queues: queues(900, 100)}, everybody},
		}},
		{"the fullest server of a cluster counts", limits.Limits{}, []look{
			{"one of two", store{servers: append(mib(10, 1000), mib(960, 1000)...), queues: queues(1, 1)}, everybody},
		}},
		{"the lower of two bounds counts", limits.Limits{RedisBytes: 100 << 20}, []look{
			{"ours", store{servers: mib(100, 1000)}, everybody},
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := &store{}
			g := limits.New(limits.Options{
				Limits: row.limits, Store: s, Registerer: prometheus.NewRegistry(), Logger: slog.New(slog.DiscardHandler), Now: noon,
			})
			for _, l := range row.looks {
				*s = l.store
				if err := g.Look(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := who(g); got != l.want {
					t.Errorf("%s: %q, want %q", l.name, got, l.want)
				}
			}
		})
	}
}

func TestAStoreThatWouldLoseEventsGetsNone(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	s := &store{}
	registry := prometheus.NewRegistry()
	g := limits.New(limits.Options{Store: s, Registerer: registry, Logger: slog.New(slog.NewTextHandler(&logged, nil)), Now: noon})
	look := func() {
		t.Helper()
		if err := g.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	look()
	s.unfit = errors.New("maxmemory-policy is allkeys-lru")
	for range 5 {
		look()
	}
	var full limits.FullError
	if err := g.Admit("acme"); !errors.As(err, &full) || full.Reason != "store" || full.RetryAfter() < time.Second {
		t.Errorf("acme: %v", err)
	}
	if n := strings.Count(logged.String(), "level=WARN"); n != 1 || !strings.Contains(logged.String(), "allkeys-lru") {
		t.Errorf("said %d times, want once with the reason: %s", n, logged.String())
	}
	if err := testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP bauta_backpressure 1 while the platform is asked to send a business's events later, and why; _all: everybody's.
# TYPE bauta_backpressure gauge
bauta_backpressure{business="_all",reason="memory"} 0
bauta_backpressure{business="_all",reason="store"} 1
# HELP bauta_backpressure_refused_total Webhooks that the platform was asked to send later, by whose limit it was.
# TYPE bauta_backpressure_refused_total counter
bauta_backpressure_refused_total{business="_all",reason="memory"} 0
bauta_backpressure_refused_total{business="_all",reason="store"} 1
`), "bauta_backpressure", "bauta_backpressure_refused_total"); err != nil {
		t.Error(err)
	}
	s.unfit, s.err = nil, errors.New("away")
	if g.Look(t.Context()) == nil || g.Admit("acme") == nil {
		t.Error("while nothing is known, what was last known does not hold")
	}
	s.err = nil
	look()
	if err := g.Admit("acme"); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	if n := strings.Count(logged.String(), "below the limit again"); n != 1 {
		t.Errorf("the end was said %d times, want once", n)
	}
	if s.asked > 0 {
		t.Errorf("the queues were asked for %d times, and nothing limits them", s.asked)
	}
}
