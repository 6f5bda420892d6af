package e2e

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"bauta/redis/redistest"
)

// proxy stands between a node and a server, and can be cut off. It keeps its
// address.
type proxy struct {
	address, target string
	mu              sync.Mutex
	listener        net.Listener
	open            map[net.Conn]bool
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	p := &proxy{address: "127.0.0.1:0", target: target, open: map[net.Conn]bool{}}
	p.join(t)
	t.Cleanup(p.cut)
	return p
}

// join lets connections through.
func (p *proxy) join(t *testing.T) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	p.listener, p.address = l, l.Addr().String()
	p.mu.Unlock()
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			go p.carry(in)
		}
	}()
}

func (p *proxy) carry(in net.Conn) {
	out, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", p.target)
	if err != nil {
		_ = in.Close()
		return
	}
	p.mu.Lock()
	p.open[in], p.open[out] = true, true
	p.mu.Unlock()
	pump := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		_ = to.Close()
		_ = from.Close()
	}
	go pump(in, out)
	pump(out, in)
	p.mu.Lock()
	delete(p.open, in)
	delete(p.open, out)
	p.mu.Unlock()
}

// cut refuses connections and breaks those that are open.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.listener.Close()
	for c := range p.open {
		_ = c.Close()
	}
}

// freeze makes a server hang, with its connections open, until it is thawed.
func freeze(t *testing.T, server *redistest.Server) (thaw func()) {
	t.Helper()
	info, err := server.Client.InfoMap(t.Context(), "server").Result()
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(info["Server"]["process_id"])
	if err != nil || pid <= 1 {
		t.Fatalf("the server tells no process id (%v)", err)
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	thaw = sync.OnceFunc(func() { _ = syscall.Kill(pid, syscall.SIGCONT) })
	t.Cleanup(thaw)
	return thaw
}

// A node that finds no Redis says so and ends; one that finds a Redis which would
// lose events does not start at all.
func TestARedisThatCannotBeUsedIsRefusedAtStart(t *testing.T) {
	t.Parallel()
	away := redistest.Standalone(t)
	away.Stop()
	evicts := redistest.Standalone(t, "--maxmemory-policy", "allkeys-lru")
	replica := redistest.Standalone(t, "--replicaof", "127.0.0.1", strconv.Itoa(1))
	for name, row := range map[string]struct {
		server *redistest.Server
		code   int
		want   []string
	}{
		"none is there":             {away, 1, []string{"redis is unavailable", away.Address, "300ms"}},
		"it evicts":                 {evicts, 2, []string{"maxmemory-policy is allkeys-lru", "set maxmemory-policy noeviction"}},
		"it is a read-only replica": {replica, 2, []string{"it is a replica and read-only", "point redis.url at the master"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := configure(t, setup{Redis: row.server.URL, CRM: "http://127.0.0.1:1", Wait: "300ms"})
			_, stderr, code := run(t, "serve", "--config", dir+"/bauta.yaml")
			if code != row.code {
				t.Errorf("exit %d, want %d: %s", code, row.code, stderr)
			}
			for _, want := range row.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("it does not say %q: %s", want, stderr)
				}
			}
		})
	}
}

// outage breaks a Redis for a while.
type outage struct {
	// says is what /readyz tells of it.
	says        string
	strike, end func(t *testing.T, p *proxy, s *redistest.Server)
}

func outages() map[string]outage {
	var thaw func()
	set := func(name, value string) func(*testing.T, *proxy, *redistest.Server) {
		return func(t *testing.T, _ *proxy, s *redistest.Server) {
			t.Helper()
			if err := s.Client.ConfigSet(t.Context(), name, value).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	follow := func(host, port string) func(*testing.T, *proxy, *redistest.Server) {
		return func(t *testing.T, _ *proxy, s *redistest.Server) {
			t.Helper()
			if err := s.Client.ReplicaOf(t.Context(), host, port).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return map[string]outage{
		"connections are refused": {
			"redis is unavailable",
			func(_ *testing.T, p *proxy, _ *redistest.Server) { p.cut() },
			func(t *testing.T, p *proxy, _ *redistest.Server) { t.Helper(); p.join(t) },
		},
		"it hangs": {
			"redis is unavailable",
			func(t *testing.T, _ *proxy, s *redistest.Server) { t.Helper(); thaw = freeze(t, s) },
			func(*testing.T, *proxy, *redistest.Server) { thaw() },
		},
		"it becomes a read-only replica": {"redis is unavailable", follow("127.0.0.1", "1"), follow("NO", "ONE")},
		"it is out of memory":            {"redis is unavailable", set("maxmemory", "1"), set("maxmemory", "0")},
	}
}

// While Redis is away the platform is told to come back, and what it sends again
// is delivered once, after what was accepted before.
func TestARedisThatGoesAwayLosesNothing(t *testing.T) {
	t.Parallel()
	for name, o := range outages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			endpoint, server := newCRM(t), redistest.Standalone(t)
			p := newProxy(t, server.Address)
			s := scenario{crm: endpoint, redis: server}
			s.bauta = serve(t, configure(t, setup{Redis: "redis://" + p.address, CRM: endpoint.server.URL}))
			endpoint.answer(http.StatusServiceUnavailable)
			s.send(t, says(ada(), "3A0331", "before", ctwa()))
			o.strike(t, p, server)
			during := says(ada(), "3A0332", "during", nil)
			refused := s.signed(t, during)
			if refused.status != http.StatusServiceUnavailable {
				t.Errorf("answered %d, want 503", refused.status)
			}
			if seconds, err := strconv.Atoi(refused.header.Get("Retry-After")); err != nil || seconds < 1 {
				t.Errorf("Retry-After is %q", refused.header.Get("Retry-After"))
			}
			s.ready(t, http.StatusServiceUnavailable, o.says)
			if status, _ := s.get(t, s.public+"/healthz"); status != http.StatusOK {
				t.Errorf("/healthz is %d: the process is well", status)
			}
			o.end(t, p, server)
			endpoint.answer(http.StatusOK)
			s.ready(t, http.StatusOK, `"redis":"ok"`)
			s.send(t, during)
			s.send(t, says(ada(), "3A0333", "after", nil))
			got := endpoint.wait(t, 3)
			for i, want := range []string{"before", "during", "after"} {
				if !strings.Contains(got[i].body, `"`+want+`"`) {
					t.Errorf("delivery %d is not %q: %s", i, want, got[i].body)
				}
			}
			if len(got) != 3 {
				t.Errorf("%d deliveries, want 3", len(got))
			}
			s.sweepAll(t, ada().Number, ada().UserID)
		})
	}
}

// ready waits until /readyz answers as wanted.
func (b *bauta) ready(t *testing.T, status int, says string) {
	t.Helper()
	eventually(t, fmt.Sprintf("/readyz is %d and says %q", status, says), func(context.Context) bool {
		got, body := b.get(t, b.admin+"/readyz") //nolint:contextcheck // the page is read within the test
		return got == status && strings.Contains(body, says)
	})
}

// A policy that is changed under a running node is found and said.
func TestAnEvictionPolicySetLaterIsSaid(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	s.ready(t, http.StatusOK, `"redis":"ok"`)
	set := func(policy string) {
		if err := s.redis.Client.ConfigSet(t.Context(), "maxmemory-policy", policy).Err(); err != nil {
			t.Fatal(err)
		}
	}
	set("allkeys-lru")
	s.ready(t, http.StatusServiceUnavailable, "set maxmemory-policy noeviction")
	set("noeviction")
	s.ready(t, http.StatusOK, `"redis":"ok"`)
}
