package redis_test

import (
	"errors"
	"net"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/redistest"
)

// An acknowledged write is in a replica; without one it is not acknowledged,
// though the master has it.
func TestAnAcknowledgedWriteIsInAReplica(t *testing.T) {
	t.Parallel()
	master := redistest.Standalone(t, "--repl-diskless-sync-delay", "0")
	host, port, err := net.SplitHostPort(master.Address)
	if err != nil {
		t.Fatal(err)
	}
	replica := redistest.Standalone(t, "--replicaof", host+" "+port)
	store := master.Open(t, redis.Options{Acknowledge: redis.Replica, AcknowledgeTimeout: 200 * time.Millisecond})
	calls := []redis.Call{
		redis.Command("SET", "bauta:ad:acme:1", "one"),
		redis.NewScript(`return redis.call('SET', KEYS[1], ARGV[1])`).Call([]string{"bauta:ad:acme:2"}, "two"),
	}
	for i, r := range store.Commit(t.Context(), calls) {
		if r.Err != nil {
			t.Fatalf("call %d with a replica: %v", i, r.Err)
		}
	}
	for key, want := range map[string]string{"bauta:ad:acme:1": "one", "bauta:ad:acme:2": "two"} {
		if got, err := replica.Client.Get(t.Context(), key).Result(); err != nil || got != want {
			t.Errorf("the replica has %q, %v, want %q", got, err, want)
		}
	}
	replica.Stop()
	for i, r := range store.Commit(t.Context(), calls) {
		if !errors.Is(r.Err, redis.ErrUnavailable) || !errors.Is(r.Err, redis.ErrUnproven) {
			t.Errorf("call %d without a replica: %v, want ErrUnavailable and ErrUnproven", i, r.Err)
		}
	}
	if r := store.Replicated(t.Context(), calls)[1]; !errors.Is(r.Err, redis.ErrUnproven) || r.Value == nil {
		t.Errorf("what a fail-over must not take back, without a replica: %v, %v, want what the master said and ErrUnproven", r.Value, r.Err)
	}
	if r := store.Pipeline(t.Context(), calls); r[0].Err != nil {
		t.Errorf("a pipeline waits for no replica: %v", r[0].Err)
	}
}

// Where no replica is asked for, nothing waits for one.
func TestAtOtherLevelsNoReplicaIsWaitedFor(t *testing.T) {
	t.Parallel()
	store := redistest.Standalone(t).Open(t, redis.Options{})
	if r := store.Replicated(t.Context(), []redis.Call{redis.Command("SET", "bauta:ad:acme:1", "one")})[0]; r.Err != nil {
		t.Error(r.Err)
	}
}

func TestAClusterWithoutReplicasAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	_, err := redis.Open(t.Context(), redis.Options{
		URL: redistest.Cluster(t).URL, Acknowledge: redis.Replica, AcknowledgeTimeout: 50 * time.Millisecond,
	})
	if !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("open: %v, want ErrUnavailable", err)
	}
}
