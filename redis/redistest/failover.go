package redistest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Set is servers that replace each other when one dies.
type Set struct {
	// URL as redis.Options takes it; "" for a Pair, of which only the test knows
	// which one is the master.
	URL string
	// Servers are those that hold data.
	Servers []*Server
	// sentinels watch them, where there are any.
	sentinels []*Server
}

// Sentinel starts a master and a replica, and three sentinels that promote the one
// when the other has been gone for two seconds.
func Sentinel(t testing.TB, settings ...string) *Set {
	t.Helper()
	set := Pair(t, settings...)
	host, port, _ := strings.Cut(set.Servers[0].Address, ":")
	for range 3 {
		set.sentinels = append(set.sentinels, sentinel(t, host+" "+port))
	}
	set.URL = "redis+sentinel://" + set.sentinels[0].Address + "?master_name=main&addr=" + set.sentinels[1].Address + "&addr=" + set.sentinels[2].Address
	return set
}

// sentinel watches a master, written as host and port with a blank between. It pings a
// master every second, and a new one after a second for the first time: whoever calls a
// master dead within less replaces each new one, and has two masters for ten seconds.
func sentinel(t testing.TB, master string, settings ...string) *Server {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal(err)
	}
	for range attempts {
		port, dir := FreePort(t), t.TempDir()
		file := filepath.Join(dir, "sentinel.conf")
		text := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %q\nsentinel monitor main %s 2\nsentinel down-after-milliseconds main 2000\n"+
			"sentinel failover-timeout main 4000\n", port, dir, master)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if s := launch(t, port, append([]string{path, file, "--sentinel"}, settings...)); s != nil {
			s.URL = "redis://" + s.Address
			return s
		}
	}
	t.Fatalf("no sentinel started in %d attempts", attempts)
	return nil
}

// Masters starts a cluster of three masters, each with a replica that takes its
// place when it has been gone for a second.
func Masters(t testing.TB, settings ...string) *Set {
	t.Helper()
	set := &Set{}
	var addresses []string
	for range 6 {
		s := start(t, nil, append([]string{
			"--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1", "--cluster-node-timeout", "1000", "--repl-diskless-sync-delay", "0",
		}, settings...))
		set.Servers, addresses = append(set.Servers, s), append(addresses, s.Address)
	}
	create := append([]string{"--cluster", "create"}, addresses...)
	out, err := exec.Command("redis-cli", append(create, "--cluster-replicas", "1", "--cluster-yes")...).CombinedOutput() //nolint:noctx // a test's own servers
	if err != nil {
		t.Fatalf("make a cluster: %v\n%s", err, out)
	}
	for _, s := range set.Servers {
		s.await(t, func(ctx context.Context) bool {
			info, err := s.Client.ClusterInfo(ctx).Result()
			return err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:6")
		})
	}
	set.URL = "redis+cluster://" + addresses[0] + "?addr=" + addresses[1] + "&addr=" + addresses[2]
	set.Replicated(t)
	return set
}

// Master returns a server that is a master and has a replica which follows it, nil
// while there is none.
func (s *Set) Master(ctx context.Context) *Server {
	for _, server := range s.Servers {
		info, err := server.Client.InfoMap(ctx, "replication").Result()
		if err != nil {
			continue
		}
		if r := info["Replication"]; r["role"] == "master" && strings.Contains(r["slave0"], "state=online") {
			return server
		}
	}
	return nil
}

// Replicated waits until every server is a master whose replicas follow it, or one of
// those.
func (s *Set) Replicated(t testing.TB) {
	t.Helper()
	s.Servers[0].await(t, func(ctx context.Context) bool {
		following := 0
		for _, server := range s.Servers {
			info, err := server.Client.InfoMap(ctx, "replication").Result()
			if err != nil {
				return false
			}
			r := info["Replication"]
			if r["role"] == "slave" {
				if r["master_link_status"] != "up" {
					return false
				}
				continue
			}
			n, err := strconv.Atoi(r["connected_slaves"])
			if err != nil || !strings.Contains(r["slave0"], "state=online") {
				return false
			}
			following += n + 1
		}
		return following == len(s.Servers)
	})
}

// Failover kills a master, waits until its replica has its place, and starts it
// again as that one's replica.
func (s *Set) Failover(t testing.TB) {
	t.Helper()
	s.Replicated(t)
	dead := s.Master(t.Context())
	if dead == nil {
		t.Fatal("no master has a replica")
	}
	before := s.masters(t.Context())
	dead.Kill()
	s.Servers[0].await(t, func(ctx context.Context) bool { return s.masters(ctx) == before })
	next := s.heir(t.Context())
	s.agreed(t, next)
	dead.Start(t)
	if next != nil {
		// Sentinel does this after ten seconds.
		dead.follow(t, next)
	}
	s.Replicated(t)
}

// agreed waits until all sentinels send clients to a master.
func (s *Set) agreed(t testing.TB, master *Server) {
	t.Helper()
	for _, sentinel := range s.sentinels {
		sentinel.await(t, func(ctx context.Context) bool {
			at, err := sentinel.Client.Do(ctx, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main").StringSlice()
			return err == nil && strings.Join(at, ":") == master.Address
		})
	}
}

// heir is the master that is left of two servers, nil in a cluster, whose servers
// remember themselves whom they follow.
func (s *Set) heir(ctx context.Context) *Server {
	if len(s.Servers) > 2 {
		return nil
	}
	for _, server := range s.Servers {
		if info, err := server.Client.InfoMap(ctx, "replication").Result(); err == nil && info["Replication"]["role"] == "master" {
			return server
		}
	}
	return nil
}

// masters counts the servers that live and are masters.
func (s *Set) masters(ctx context.Context) (n int) {
	for _, server := range s.Servers {
		info, err := server.Client.InfoMap(ctx, "replication").Result()
		if err == nil && info["Replication"]["role"] == "master" {
			n++
		}
	}
	return n
}
