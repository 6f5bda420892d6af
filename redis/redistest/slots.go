package redistest

import (
	"context"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// Move hands a slot of a cluster over to another master, with the commands of
// redis-cli --cluster reshard. half is called between them: when the
// slot is announced and no key moved, when half of the keys did, and when all did and
// the old master still has the slot.
func (s *Set) Move(t testing.TB, slot int, to *Server, half func()) {
	t.Helper()
	ctx := t.Context()
	from := s.Owner(t, slot)
	source, target := id(t, from), id(t, to)
	must := func(on *Server, args ...any) {
		t.Helper()
		if err := on.Client.Do(ctx, args...).Err(); err != nil {
			t.Fatalf("%v: %v", args[:2], err)
		}
	}
	must(to, "CLUSTER", "SETSLOT", slot, "IMPORTING", source)
	must(from, "CLUSTER", "SETSLOT", slot, "MIGRATING", target)
	half()
	held, err := from.Client.ClusterCountKeysInSlot(ctx, slot).Result()
	if err != nil {
		t.Fatal(err)
	}
	from.carry(t, slot, to, int(held+1)/2)
	half()
	// Keys that came in meanwhile are in the new place already.
	from.carry(t, slot, to, int(held)+1000)
	half()
	must(to, "CLUSTER", "SETSLOT", slot, "NODE", target)
	must(from, "CLUSTER", "SETSLOT", slot, "NODE", target)
	for _, server := range s.Servers {
		server.await(t, func(ctx context.Context) bool { return server.owner(ctx, slot) == to.Address })
	}
}

// Reshard has redis-cli move so many slots of a master, the first that it has, to
// another one.
func (s *Set) Reshard(t testing.TB, from, to *Server, slots int) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "redis-cli", "--cluster", "reshard", from.Address, "--cluster-yes",
		"--cluster-from", id(t, from), "--cluster-to", id(t, to), "--cluster-slots", strconv.Itoa(slots)).CombinedOutput()
	if err != nil {
		t.Fatalf("redis-cli --cluster reshard: %v\n%s", err, out[max(0, len(out)-2000):])
	}
}

// carry moves so many keys of a slot.
func (s *Server) carry(t testing.TB, slot int, to *Server, count int) {
	t.Helper()
	keys, err := s.Client.ClusterGetKeysInSlot(t.Context(), slot, count).Result()
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) == 0 {
		return
	}
	host, port, _ := strings.Cut(to.Address, ":")
	args := []any{"MIGRATE", host, port, "", 0, 10_000, "KEYS"}
	for _, k := range keys {
		args = append(args, k)
	}
	if err := s.Client.Do(t.Context(), args...).Err(); err != nil {
		t.Fatalf("migrate %d keys: %v", len(keys), err)
	}
}

// Owner is the master that has a slot.
func (s *Set) Owner(t testing.TB, slot int) *Server {
	t.Helper()
	address := s.Servers[0].owner(t.Context(), slot)
	for _, server := range s.Servers {
		if server.Address == address {
			return server
		}
	}
	t.Fatalf("slot %d belongs to %q, which is none of the servers", slot, address)
	return nil
}

// owner is the address of the master that has a slot, as this server sees it; "" if it
// sees none.
func (s *Server) owner(ctx context.Context, slot int) string {
	//lint:ignore SA1019 Redis 6.2 has nothing else
	ranges, err := s.Client.ClusterSlots(ctx).Result() //nolint:staticcheck // 6.2 has nothing else
	if err != nil {
		return ""
	}
	for _, r := range ranges {
		if r.Start <= slot && slot <= r.End && len(r.Nodes) > 0 {
			return r.Nodes[0].Addr
		}
	}
	return ""
}

// Others are the masters that do not have a slot.
func (s *Set) Others(t testing.TB, slot int) []*Server {
	t.Helper()
	owner := s.Owner(t, slot)
	var out []*Server
	for _, server := range s.Servers {
		info, err := server.Client.InfoMap(t.Context(), "replication").Result()
		if err == nil && info["Replication"]["role"] == "master" && server != owner {
			out = append(out, server)
		}
	}
	return out
}

// Slot is the slot of a key.
func (s *Set) Slot(t testing.TB, key string) int {
	t.Helper()
	n, err := s.Servers[0].Client.ClusterKeySlot(t.Context(), key).Result()
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}

func id(t testing.TB, s *Server) string {
	t.Helper()
	name, err := s.Client.Do(t.Context(), "CLUSTER", "MYID").Text()
	if err != nil {
		t.Fatal(err)
	}
	return name
}
